"""What iacfix leaves behind on a host, so that it is found again: markers in texts, trailers in commit messages."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

from iacfix.domain.proposal import Edit

TRAILER = "Iacfix-Key"
CONTENT_TRAILER = "Iacfix-Content"

_KEY = re.compile(r"[0-9a-f]{64}")
# A marker is a line of its own. No line of a diff is one: each begins with a sign, a space or an @.
_MARKER = re.compile(r"^<!-- iacfix:key=([0-9a-f]{64}) -->\r?$", re.MULTILINE)
_FACTS = re.compile(r"^<!-- iacfix:facts=(\{[^<>]{0,4000}\}) -->\r?$", re.MULTILINE)
_COMMENT = re.compile(r"\A<!-- iacfix:comment=([a-z0-9-]{1,80}) -->\r?$", re.MULTILINE)
_TRAILER = re.compile(rf"({TRAILER}|{CONTENT_TRAILER}): ([0-9a-f]{{64}})")


def comment_marker(key: str) -> str:
    """The first line of a comment of ours. `key` is of small letters, digits and hyphens."""
    line = f"<!-- iacfix:comment={key} -->"
    if not _COMMENT.fullmatch(line):
        msg = f"a comment's key is of a-z, 0-9 and hyphens, not {key!r}"
        raise ValueError(msg)
    return line


def comment_key_in(text: str) -> str:
    """The key of a comment that begins with our marker, "" of any other: ask first who wrote it."""
    found = _COMMENT.match(text)
    return found[1] if found else ""


def marker(key: str) -> str:
    """A comment that Markdown does not show. It goes first into a body: what follows is not ours alone."""
    return f"<!-- iacfix:key={checked(key)} -->"


def content_hash(edits: Iterable[Edit]) -> str:
    """SHA-256 in hex of the paths and what is in them afterwards: the same fix on another base has the same."""
    hashed = {edit.path: hashlib.sha256(edit.after).hexdigest() for edit in edits}
    return hashlib.sha256(json.dumps(hashed, sort_keys=True).encode("ascii")).hexdigest()


def facts_marker(facts: Mapping[str, str]) -> str:
    """A second comment that Markdown does not show. Nothing in it ends it early, whatever the facts hold."""
    text = json.dumps(dict(facts), sort_keys=True)
    for sign in "<>-&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f"<!-- iacfix:facts={text} -->"


def facts_in(text: str) -> Mapping[str, str]:
    """Those of the first marker; nothing where there is none that can be read."""
    found = _FACTS.search(text)
    if found is None:
        return {}
    try:
        loaded: object = json.loads(found[1])
    except (ValueError, RecursionError):
        return {}
    if not isinstance(loaded, dict):
        return {}
    return {str(name): value for name, value in loaded.items() if isinstance(value, str)}


def key_in(text: str) -> str | None:
    """The key of the first marker."""
    found = _MARKER.search(text)
    return found[1] if found else None


def trailer(key: str, content: str = "") -> str:
    """The last lines of the commit message."""
    lines = [f"{TRAILER}: {checked(key)}"]
    return "\n".join([*lines, f"{CONTENT_TRAILER}: {checked(content)}"] if content else lines)


def trailers_in(message: str) -> Mapping[str, str]:
    """The trailers of ours: those of the last paragraph whose value is a hash."""
    last = message.rstrip().rpartition("\n\n")[2]
    found = (_TRAILER.fullmatch(line) for line in last.splitlines())
    return {match[1]: match[2] for match in found if match is not None}


def checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        msg = "a key is 64 hexadecimal digits, as finding_key makes it"
        raise ValueError(msg)
    return key
