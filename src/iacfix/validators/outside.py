"""What leads out of the repository: accounts, addresses and networks that nobody here has named before."""

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from iacfix.validators.differences import Compared, texts_of

_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])")
_HOST = re.compile(r"(?i)\b(?:https?|ftp|s3|git|ssh|tcp|wss?)://(?P<host>[^/\s\"'$]+)")
_NETWORK = re.compile(r"(?<![\w.:])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*::?[0-9A-Fa-f:]*)/[0-9]{1,3}(?![\w.])")


def strangers(compared: Iterable[Compared], known: str) -> str:
    """Why a value of a change is somebody else's, or "". `known` is all that was written before, and the defaults.

    A value that nobody has named cannot be known: it is invented, or it leads away.
    """
    for each in compared:
        for difference in each.meant:
            before = "\n".join(texts_of(difference.was))
            for text in texts_of(difference.now):
                for found, what in _found(text):
                    if found not in known and found not in before:
                        return f"{each.address}: {difference.shown} names {what} {found}, which nothing here knows"
    return ""


def _found(text: str) -> Iterator[tuple[str, str]]:
    yield from ((match[0], "the account") for match in _ACCOUNT.finditer(text))
    yield from ((match["host"], "the address") for match in _HOST.finditer(text))
    yield from ((match[0], "the public network") for match in _NETWORK.finditer(text) if _is_public(match[0]))


def _is_public(text: str) -> bool:
    """Also where it only reaches into the networks of everybody: `8.0.0.0/6`, and what is no network at all."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return text.count(":") != 1  # `a:1/2` is a path, not a network
    return not network.is_private
