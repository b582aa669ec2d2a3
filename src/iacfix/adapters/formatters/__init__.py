"""Programs that lay code out."""
