"""The recipe engine for CloudFormation and SAM."""

from iacfix.generation.recipes.cloudformation.engine import propose

__all__ = ["propose"]
