"""Typed access to JSON values of unknown make. Whatever is wrong is a FieldError that names the field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from iacfix.domain.errors import InputError
from iacfix.domain.finding import Severity

MAX_TITLE = 500
MAX_TEXT = 4096
"""For all other texts: an ARN has at most 2,048 characters, a path on Linux 4,096 bytes."""

MAX_ENTRIES = 200_000
"""More than MAX_BYTES can hold of real findings: stops a file of empty ones from filling the memory."""

_SURROGATE = re.compile("[\ud800-\udfff]")
# No user, no password, nothing that could end a Markdown link or an HTML attribute.
_HTTPS_URL = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?(?:[/?#][A-Za-z0-9./?#%&=:+,~!$;*@_-]*)?")

_SEVERITIES: Mapping[str, Severity] = {
    "CRITICAL": Severity.CRITICAL,
    "HIGH": Severity.HIGH,
    "IMPORTANT": Severity.HIGH,
    "MEDIUM": Severity.MEDIUM,
    "MODERATE": Severity.MEDIUM,
    "LOW": Severity.LOW,
    "INFO": Severity.INFORMATIONAL,
    "INFORMATIONAL": Severity.INFORMATIONAL,
}


class FieldError(InputError):
    """One entry is malformed. Readers turn it into an InvalidFinding; it does not leave this package."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object and the dotted path that leads to it. A field that is null counts as missing."""

    path: str
    values: Mapping[str, object]

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str, default: str | None = None) -> str:
        """One printable line. Missing or blank is an error unless there is a default."""
        raw = self._string(name)
        cleaned = one_line(raw) if raw is not None else ""
        if cleaned:
            return cleaned
        if default is None:
            raise FieldError(self.at(name), "is missing" if raw is None else "is empty")
        return default

    def title(self, name: str, default: str) -> str:
        """Like `text`, but cut at MAX_TITLE instead of refused."""
        return cut(self._string(name, limit=None) or "") or cut(default)

    def verbatim(self, name: str) -> str:
        """The text as it stands, control characters and all, "" when missing.

        Only halves of surrogate pairs are replaced (U+FFFD): such a text could be neither written nor printed.
        """
        return _SURROGATE.sub("\ufffd", self._string(name) or "")

    def known(self, name: str) -> str:
        """`text`, or "" where it cannot be used: for reports on what is broken anyway."""
        try:
            return self.text(name, "")
        except FieldError:
            return ""

    def mapping(self, name: str) -> "Fields":
        """An empty one when missing."""
        value = self.values.get(name)
        return fields(self.at(name), {} if value is None else value)

    def listing(self, name: str) -> list[tuple[str, object]]:
        """Each item with its own path (`Resources[2]`). Missing is an error."""
        value = self.values.get(name)
        if value is None:
            raise FieldError(self.at(name), "is missing")
        if not isinstance(value, list):
            raise FieldError(self.at(name), f"should be a list, is {kind(value)}")
        items: list[object] = value
        if len(items) > MAX_ENTRIES:
            raise FieldError(self.at(name), f"has {len(items):,} items, the limit is {MAX_ENTRIES:,}")
        return [(f"{self.at(name)}[{index}]", item) for index, item in enumerate(items)]

    def _string(self, name: str, limit: int | None = MAX_TEXT) -> str | None:
        value = self.values.get(name)
        return None if value is None else string(self.at(name), value, limit)


def fields(path: str, value: object) -> Fields:
    if not isinstance(value, dict):
        raise FieldError(path, f"should be an object, is {kind(value)}")
    return Fields(path, value)


def string(path: str, value: object, limit: int | None = MAX_TEXT) -> str:
    if not isinstance(value, str):
        raise FieldError(path, f"should be a string, is {kind(value)}")
    if limit is not None and len(value) > limit:
        raise FieldError(path, f"has {len(value):,} characters, the limit is {limit:,}")
    return value


def integer(path: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldError(path, f"should be a whole number, is {kind(value)}")
    return value


def one_line(text: str) -> str:
    """Everything that does not print (control, format and bidirectional characters, line breaks) becomes a space."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    return text.strip()


def cut(text: str) -> str:
    """One line of at most MAX_TITLE characters."""
    cleaned = one_line(text[: MAX_TITLE + 1])
    return cleaned if len(cleaned) <= MAX_TITLE else f"{cleaned[: MAX_TITLE - 1]}…"


def https_url(value: object) -> str:
    """The URL when it is a plain https one, else "": a link is a courtesy, never a reason to refuse a finding."""
    return value if isinstance(value, str) and len(value) <= MAX_TEXT and _HTTPS_URL.fullmatch(value) else ""


def severity(label: str) -> Severity:
    return _SEVERITIES.get(label.upper(), Severity.UNKNOWN)


def kind(value: object) -> str:
    """What JSON calls it; the value itself is never shown, it may be a secret."""
    names = ((bool, "a boolean"), (int, "a number"), (float, "a number"), (str, "a string"), (list, "a list"))
    if value is None:
        return "null"
    return next((name for of, name in names if isinstance(value, of)), "an object")
