"""The stages that judge a change of a CloudFormation template."""

from iacfix.validators.cloudformation import hazards, resource_scope, syntax

__all__ = ["hazards", "resource_scope", "syntax"]
