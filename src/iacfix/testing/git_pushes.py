"""What a host's hooks say about a push, in git's own form."""

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def branches_of(request: bytes) -> list[str]:
    """The branches of a push: gitprotocol-pack, "Reference Update Request"."""
    found, at = [], 0
    while (length := int(request[at : at + 4], 16)) != 0:
        found.append(request[at + 4 : at + length].split(b"\0")[0].split(b" ")[2].decode().removeprefix("refs/heads/"))
        at += length
    return found


def declined(branches: Collection[str], words: str) -> bytes:
    """A report in which each of them was refused by a hook."""
    lines: Sequence[bytes] = [b"ng refs/heads/%b declined\n" % branch.encode() for branch in branches]
    report = b"".join([_line(b"unpack ok\n"), *map(_line, lines)])
    return _line(b"\2" + words.encode() + b"\n") + _line(b"\1" + report + b"0000") + b"0000"


def _line(data: bytes) -> bytes:
    return b"%04x%b" % (len(data) + 4, data)
