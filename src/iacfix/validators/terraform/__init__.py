"""The stages that judge a change of Terraform."""

from iacfix.validators.terraform import hazards, resource_scope, syntax

__all__ = ["hazards", "resource_scope", "syntax"]
