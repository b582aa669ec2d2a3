"""Deterministic fixes: no model, no cloud. One engine for each language, over the same data and the same wants."""

from collections.abc import Mapping

from iacfix.domain.control import Control, Literal
from iacfix.domain.location import Location
from iacfix.domain.proposal import Generated
from iacfix.generation.recipes import cloudformation, terraform
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.terraform.module import Module

__all__ = ["propose"]


def propose(
    control: Control, location: Location, code: Module | CloudFormationDocument, defaults: Mapping[str, Literal]
) -> Generated:
    """The change that makes the control true of what is located, in the file that holds it."""
    if isinstance(code, CloudFormationDocument):
        return cloudformation.propose(control, location, code, defaults)
    return terraform.propose(control, location, code, defaults)
