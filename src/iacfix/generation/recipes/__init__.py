"""Deterministic fixes: no model, no cloud."""

from iacfix.generation.recipes.engine import propose

__all__ = ["propose"]
