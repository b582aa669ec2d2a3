"""How the catalogue writes where a property stands: `BucketEncryption.ServerSideEncryptionConfiguration[]`."""

import re

ITEM = "[]"

_PART = re.compile(r'"([^"]+)"|([^."]+)')


def parts(path: str) -> tuple[str, ...]:
    """Of a path without ITEM behind it; a part in double quotes may hold dots."""
    return tuple(quoted or plain for quoted, plain in _PART.findall(path))


def is_listed(path: str) -> bool:
    """Whether the one item of a list is meant."""
    return path.endswith(ITEM)


def without_item(path: str) -> str:
    return path.removesuffix(ITEM)
