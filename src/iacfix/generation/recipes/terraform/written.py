"""A value that is there, written anew as it is wanted."""

from iacfix.domain.control import Want
from iacfix.generation.recipes.declined import UnprovenError
from iacfix.generation.recipes.wants import Defaults, missing, wanted
from iacfix.iac.terraform import edits
from iacfix.iac.terraform.document import Attribute, TerraformDocument
from iacfix.iac.terraform.layout import literal
from iacfix.iac.values import Known, ListValue, Value


def rewritten(
    want: Want, document: TerraformDocument, found: Attribute, defaults: Defaults
) -> tuple[edits.Splice, str]:
    """The edit, and the HCL that it leads to. Raises DeclinedError."""
    replacement = _merged(want, found.value, defaults)
    added = [literal(item) for item in missing(want, found.value)]
    extended = edits.extend_list(document, found, added) if found.multiline and added else None
    return extended or edits.Splice(found.value_start, found.value_end, replacement), replacement


def _merged(want: Want, present: Value, defaults: Defaults) -> str:
    """The HCL to write in the place of `present`. What a list already holds is kept."""
    if want.includes and isinstance(present, ListValue):
        kept = [item.value for item in present.items if isinstance(item, Known)]
        if len(kept) != len(present.items):
            raise UnprovenError("the list holds values that are not literal")
        return literal([*kept, *missing(want, present)])
    return literal(wanted(want, defaults))
