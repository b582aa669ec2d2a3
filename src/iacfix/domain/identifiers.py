"""Names of things in an account. No secrets, and some owners want them kept in the house all the same."""

import re
from collections.abc import Collection, Iterator
from enum import StrEnum


class IdKind(StrEnum):
    ACCOUNT_IDS = "account_ids"
    ARNS = "arns"
    UUIDS = "uuids"


_PATTERNS = {
    IdKind.ARNS: re.compile(
        r"(?<![\w-])arn:aws[a-z-]{0,16}:[a-z0-9-]{1,64}:[\w*-]{0,32}:[0-9]{0,12}:[\w./:*@+=,-]{1,512}+"
    ),
    IdKind.UUIDS: re.compile(r"(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])"),
    IdKind.ACCOUNT_IDS: re.compile(r"(?<![\w.-])[0-9]{12}(?![\w])"),
}


def find_ids(text: str, kinds: Collection[IdKind]) -> Iterator[tuple[int, int]]:
    """Where one stands; several may overlap."""
    for kind, pattern in _PATTERNS.items():
        if kind in kinds:
            yield from (match.span() for match in pattern.finditer(text))
