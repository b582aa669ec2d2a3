"""Names that are known in part: whether a template can have become a name."""

import re

from iacfix.iac.terraform.resolve import joined
from iacfix.iac.terraform.values import Known, Template

# A pattern needs this many literal characters before a match says anything.
MIN_LITERAL = 4
# What fills gaps everywhere: the time and counter that Terraform puts behind a prefix, an account's number, a region.
_USUAL = re.compile(
    r"20\d{16}[0-9a-f]{8}(?![0-9a-f])|(?<!\d)\d{12}(?!\d)|(?<![a-z])(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-)?[a-z]{4,9}-\d(?!\d)"
)
# Longer than any name in AWS.
MAX_NAME = 512


def fits(template: Template, name: str) -> bool:
    """Whether the literal pieces stand in the name in their order, with something in each gap.

    Each literal is taken where it first stands, which is enough and takes no longer for a hostile template: a regular
    expression would try every way to share out the name.
    """
    if len(name) > MAX_NAME or "\n" in name:
        return False
    pieces = _pieces(template)
    if sum(map(len, filter(None, pieces))) < MIN_LITERAL:
        return False
    *before, last = pieces
    at, gap = 0, False
    for literal in before:
        if literal is None:
            at, gap = at + 1, True
        elif gap:
            found = name.find(literal, at)
            if found < 0:
                return False
            at, gap = found + len(literal), False
        elif name.startswith(literal, at):
            at += len(literal)
        else:
            return False
    if last is None:
        return len(name) > at
    end = len(name) - len(last)
    return name.endswith(last) and (end >= at if gap else end == at)


def share(template: Template, name: str) -> float:
    """How much of a name that fits is not left to chance: literal text, account numbers and regions; 0 to 1."""
    literal = sum(len(piece) for piece in _pieces(template) if piece is not None)
    usual = sum(len(found) for found in _USUAL.findall(name))
    return min(1.0, (literal + usual) / len(name)) if name else 0.0


def _pieces(template: Template) -> list[str | None]:
    """The literal texts, no two of them side by side; None for each gap."""
    whole = joined(template.pieces)
    pieces = whole.pieces if isinstance(whole, Template) else (whole,)
    return [piece.value if isinstance(piece, Known) and isinstance(piece.value, str) else None for piece in pieces]
