"""Whether code is as a control's assertion says. It only reads, and knows nothing of how a fix is written."""
