"""One key for one weakness at one place, and everything that is derived from it, so that it is found again."""

import hashlib
import json
import re

from iacfix.domain.finding import Finding
from iacfix.domain.location import Location

TRAILER = "Iacfix-Key"

_KEY = re.compile(r"[0-9a-f]{64}")
# A marker is a line of its own. No line of a diff is one: each begins with a sign, a space or an @.
_MARKER = re.compile(r"^<!-- iacfix:key=([0-9a-f]{64}) -->\r?$", re.MULTILINE)
_SLUG_LENGTH = 60
_SHORT = 12


def finding_key(finding: Finding, location: Location) -> str:
    """SHA-256 in hex. Tools that report the same control for the same block get the same key; a check that the
    catalogue does not know is only the same as itself. Lines and titles change too easily to be part of it.
    """
    weakness = ["control", finding.control] if finding.control else ["check", finding.source, finding.check_id]
    # JSON keeps the parts apart whatever they hold.
    material = json.dumps([weakness, location.address, location.path])
    return hashlib.sha256(material.encode("ascii")).hexdigest()


def branch_name(key: str, finding: Finding) -> str:
    """A name that git takes, whatever the finding holds."""
    words = re.findall(r"[a-z0-9]+", (finding.control or finding.check_id).lower())
    slug = "-".join(words)[:_SLUG_LENGTH].rstrip("-") or "finding"
    return f"iacfix/{slug}/{_checked(key)[:_SHORT]}"


def marker(key: str) -> str:
    """A comment that Markdown does not show. It goes first into a body: what follows is not ours alone."""
    return f"<!-- iacfix:key={_checked(key)} -->"


def key_in(text: str) -> str | None:
    """The key of the first marker."""
    found = _MARKER.search(text)
    return found[1] if found else None


def trailer(key: str) -> str:
    """The last line of the commit message."""
    return f"{TRAILER}: {_checked(key)}"


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        msg = "a key is 64 hexadecimal digits, as finding_key makes it"
        raise ValueError(msg)
    return key
