"""What tells what deploying a change would do."""
