"""Names that are known in part: whether a template can have become a name."""

import re
from functools import lru_cache

from iacfix.iac.terraform.values import Known, Template

# A pattern needs this many literal characters before a match says anything.
MIN_LITERAL = 4
# Longer than any name in AWS.
MAX_NAME = 512


def fits(template: Template, name: str) -> bool:
    """Whether the literal pieces stand in the name in their order, with something in each gap."""
    if len(name) > MAX_NAME:
        return False
    literals = [piece.value for piece in template.pieces if isinstance(piece, Known) and isinstance(piece.value, str)]
    if sum(map(len, literals)) < MIN_LITERAL:
        return False
    return _expression(template).fullmatch(name) is not None


@lru_cache(maxsize=4096)
def _expression(template: Template) -> re.Pattern[str]:
    pieces = (
        re.escape(str(piece.value)) if isinstance(piece, Known) else r"[^\n]{1,256}?" for piece in template.pieces
    )
    return re.compile("".join(pieces))
