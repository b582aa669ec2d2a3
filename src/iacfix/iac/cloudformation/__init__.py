"""CloudFormation text: entries with exact spans, edits that keep every other byte, strict comparison."""
