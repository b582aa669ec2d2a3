"""The recipe engine for Terraform."""

from iacfix.generation.recipes.terraform.engine import propose

__all__ = ["propose"]
