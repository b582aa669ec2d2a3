"""What is looked for in the text of a file, whatever its language."""

import re
import unicodedata
from collections import Counter

from iacfix.domain.secrets import find_secrets
from iacfix.validators.trial import RejectedError

# Comments and keys by which scanners are told to look away, to the end of their line.
SUPPRESSION = re.compile(
    r"(?:(?:checkov|bridgecrew|cortex|prisma|cloudrail|datree|regula|fugue|tfsec|trivy|snyk|terrascan|semgrep|kics|wiz|"
    r"gitleaks|trufflehog|infracost|opa|conftest|steampipe|prowler)\s*[:-]\s*"
    r"(?:skip|ignore|disable|suppress|waive|allow|exclude|off)|"
    r"kics-scan|wiz-scan|cfn[_-]nag|cfn[_-]lint|cfn[_-]?guard|nosemgrep|terrascan\s*:|ts:skip|regula-|nosec|nosonar|"
    r"tflint-ignore|skip-check|skipcq|pragma:\s*(?:allowlist|whitelist)|noqa\b|nolint\b|lgtm\s*\[|codeql\s*\[|"
    r"noinspection|rules_to_suppress|suppressedrules|"
    r"(?:\#|//|/\*)[ \t]*[\w.-]+[ \t]*:[ \t]*(?:skip|ignore|disable|suppress|waive|allow)\b)[^\r\n]*",
    re.IGNORECASE,
)
# Shorter values stand in many places by chance.
SHORTEST_COPY = 6

_ODD = re.compile(r"[^\x20-\x7e\t\n]")
# Control characters, marks without a width or that turn the direction of writing, separators of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})


def silenced(before: str, after: str) -> str:
    """Why the change must not be, or "" where it is not so; as the next one."""
    if Counter(SUPPRESSION.findall(after)) - Counter(SUPPRESSION.findall(before)):
        return "a comment tells a scanner to look away"
    return ""


def secrets(before: str, after: str) -> str:
    """A secret that is new, or an old one in one more place than before."""
    known = _secrets(before)
    if new := _secrets(after) - known:
        return f"{len(new)} secret{'s are' if len(new) > 1 else ' is'} written into the code"
    if any(after.count(value) > before.count(value) for value in known if len(value) >= SHORTEST_COPY):
        return "a secret is copied to another place"
    return ""


def check_seen(before: bytes, after: bytes) -> None:
    """Raises RejectedError where characters come that nobody can see."""
    if unseen := Counter(_unseen(after)) - Counter(_unseen(before)):
        names = ", ".join(f"U+{ord(char):04X}" for char in sorted(unseen)[:3])
        raise RejectedError(f"the change brings characters that cannot be seen: {names}", remedy="write plain text")


def _secrets(text: str) -> set[str]:
    return {text[found.start : found.end] for found in find_secrets(text)}


def _unseen(data: bytes) -> list[str]:
    """A carriage return is one unless it belongs to the end of a line."""
    text = data.decode().replace("\r\n", "\n")
    return [char for char in _ODD.findall(text) if unicodedata.category(char) in _UNSEEN]
