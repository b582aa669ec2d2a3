"""One key for one weakness at one place, and everything that is derived from it, so that it is found again."""

import hashlib
import json
import re

from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.marks import checked

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
    return f"iacfix/{slug}/{checked(key)[:_SHORT]}"


def finding_hash(finding: Finding) -> str:
    """SHA-256 in hex of what a person decided on who closed a pull request: another severity or resource is new."""
    material = [finding.id, finding.severity.value, finding.resource.identifier, finding.resource.account]
    return hashlib.sha256(json.dumps(material).encode("ascii")).hexdigest()
