"""An expression as text to a value: the plain forms at once, the others through the parser."""

import re
from functools import lru_cache

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.values import Known, Reference, Unknown, Value

_PLAIN_STRING = re.compile(r'"([^"\\$%\n]*)"')
_PLAIN_REFERENCE = re.compile(r"(?!(?:true|false|null)\b)[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+")


@lru_cache(maxsize=50_000)
def read_expression(text: str) -> Value:
    """What is no expression is Unknown."""
    if found := _PLAIN_STRING.fullmatch(text):
        return Known(found.group(1))
    if _PLAIN_REFERENCE.fullmatch(text):
        return Reference(tuple(text.split(".")))
    if not text:
        return Unknown(text)
    try:
        document = TerraformDocument.read("expression", f"x = {text}\n".encode())
    except DocumentError:
        return Unknown(text)
    assignments = document.assignments
    return assignments[0].value if len(assignments) == 1 and not document.blocks else Unknown(text)
