"""How a live resource is changed: which runbook, with what, whether it may, and the way back."""
