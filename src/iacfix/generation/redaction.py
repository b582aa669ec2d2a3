"""Secrets leave for the model as stable placeholders and come back as they were."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from iacfix.domain.errors import PatchError
from iacfix.domain.secrets import REDACTED, find_secrets

_PREFIX = "IACFIX_SECRET_"
# Whatever resembles a placeholder is one: a misspelt one must not end up in the user's code.
_PLACEHOLDER = re.compile(r"IACFIX_SECRET_?[0-9]*", re.IGNORECASE | re.ASCII)
_LINE = re.compile(r"[^\s](?:[^\r\n]*[^\s])?")
_DIGITS = re.compile(r"[0-9]*")

# A secret this long is hidden wherever it occurs; a shorter one (`admin`) only where something says that it is one.
LEAST_LENGTH_TO_HIDE_EVERYWHERE = 8


@dataclass(frozen=True, slots=True)
class Redaction:
    """`secrets` in the order of their placeholders, counted from 1; `known` are hidden wherever they occur."""

    secrets: tuple[str, ...]
    known: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Redaction":
        """Whatever is to be hidden later must be among `texts`: the same texts give the same placeholders."""
        texts = tuple(texts)
        found = dict.fromkeys(text[start:end] for text in texts for start, end in _spans(text, ()))
        known = tuple(sorted((s for s in found if len(s) >= LEAST_LENGTH_TO_HIDE_EVERYWHERE), key=len, reverse=True))
        secrets = dict.fromkeys(text[start:end] for text in texts for start, end in _spans(text, known))
        return cls(tuple(secrets), known)

    def hide(self, text: str) -> str:
        """A secret that was not among the texts has no placeholder and becomes `[redacted]` for good."""
        placeholders = {secret: f"{_PREFIX}{number}" for number, secret in enumerate(self.secrets, start=1)}
        parts, at = [], 0
        for start, end in _spans(text, self.known):
            parts += [text[at:start], placeholders.get(text[start:end], REDACTED)]
            at = end
        return "".join((*parts, text[at:]))

    def restore(self, text: str) -> str:
        """Raises PatchError when a placeholder stands in it that was never given out."""
        secrets = {f"{_PREFIX}{number}": secret for number, secret in enumerate(self.secrets, start=1)}

        def secret_of(match: re.Match[str]) -> str:
            if (secret := secrets.get(match[0])) is None:
                raise PatchError(
                    f"the answer holds {match[0]}, a placeholder that was never given out",
                    remedy="copy placeholders exactly as they stand in the blocks and make up no others",
                )
            return secret

        return _PLACEHOLDER.sub(secret_of, text)


def without_placeholders(text: str) -> str:
    """For prose that people read: a placeholder means nothing to them."""
    return _PLACEHOLDER.sub(REDACTED, text)


def _spans(text: str, known: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """What to hide, in order and without overlaps: never across a line end, so that a diff keeps its lines, and with
    the digits that follow, so that no placeholder runs into another number.
    """
    found = [
        (span.start + line.start(), span.start + line.end())
        for span in find_secrets(text)
        for line in _LINE.finditer(text[span.start : span.end])
    ]
    found += [match.span() for match in _PLACEHOLDER.finditer(text)]
    if known:
        found += [match.span() for match in re.finditer("|".join(map(re.escape, known)), text)]
    start = end = 0
    for next_start, next_end in sorted(found):
        if next_start >= end:
            if start < end:
                yield start, end
            start, end = next_start, next_end
        end = max(end, next_end)
        if digits := _DIGITS.match(text, end):
            end = digits.end()
    if start < end:
        yield start, end
