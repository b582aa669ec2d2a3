"""Secrets leave for the model as stable placeholders and come back as they were.

So do the characters that nobody sees, which could make a model read another text than people do, and, where it is
configured, the names of things in an account.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from iacfix.domain.errors import PatchError
from iacfix.domain.identifiers import IdKind, find_ids
from iacfix.domain.secrets import REDACTED, find_secrets
from iacfix.domain.unseen import unseen

_SECRET, _ID, _CHAR = _PREFIXES = ("IACFIX_SECRET_", "IACFIX_ID_", "IACFIX_CHAR_")
# Whatever resembles a placeholder is one: a misspelt one must not end up in the user's code.
PLACEHOLDER = re.compile(r"IACFIX_(?:SECRET_?[0-9]*|ID_?[0-9]*|CHAR_?[0-9A-F]{0,6})", re.IGNORECASE | re.ASCII)
_LINE = re.compile(r"[^\s](?:[^\r\n]*[^\s])?")
_DIGITS = re.compile(r"[0-9]*")

# A secret this long is hidden wherever it occurs; a shorter one (`admin`) only where something says that it is one.
LEAST_LENGTH_TO_HIDE_EVERYWHERE = 8

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Redaction:
    """`secrets` and `ids` in the order of their placeholders, counted from 1; `known` are hidden wherever they occur;
    `chars` are those that nobody sees and that were shown by their number.
    """

    secrets: tuple[str, ...]
    known: tuple[str, ...]
    ids: tuple[str, ...] = ()
    kinds: frozenset[IdKind] = frozenset()
    chars: frozenset[str] = frozenset()

    @classmethod
    def of(cls, texts: Iterable[str], kinds: frozenset[IdKind] = frozenset()) -> "Redaction":
        """Whatever is to be hidden later must be among `texts`: the same texts give the same placeholders."""
        texts = tuple(texts)
        found = dict.fromkeys(text[start:end] for text in texts for start, end in _spans(text, ()))
        known = tuple(sorted((s for s in found if len(s) >= LEAST_LENGTH_TO_HIDE_EVERYWHERE), key=len, reverse=True))
        pieces = [piece for text in texts for piece in _pieces(text, known, kinds)]
        by_prefix = {prefix: dict.fromkeys(text for hidden, text in pieces if hidden == prefix) for prefix in _PREFIXES}
        return cls(
            secrets=tuple(by_prefix[_SECRET]),
            known=known,
            ids=tuple(by_prefix[_ID]),
            kinds=kinds,
            chars=frozenset(by_prefix[_CHAR]),
        )

    def hide(self, text: str) -> str:
        """A secret that was not among the texts has no placeholder and becomes `[redacted]` for good."""
        placeholders = self._placeholders()
        pieces = _pieces(text, self.known, self.kinds)
        return "".join(piece if not prefix else placeholders.get((prefix, piece), REDACTED) for prefix, piece in pieces)

    def restore(self, text: str) -> str:
        """Raises PatchError when a placeholder stands in it that was never given out."""
        hidden = {placeholder: piece for (_, piece), placeholder in self._placeholders().items()}

        def hidden_by(match: re.Match[str]) -> str:
            if (value := hidden.get(match[0])) is None:
                raise PatchError(
                    f"the answer holds {match[0]}, a placeholder that was never given out",
                    remedy="copy placeholders exactly as they stand in the blocks and make up no others",
                )
            return value

        return PLACEHOLDER.sub(hidden_by, text)

    def _placeholders(self) -> dict[tuple[str, str], str]:
        """By what is hidden: its prefix and itself."""
        return (
            {(_SECRET, secret): f"{_SECRET}{number}" for number, secret in enumerate(self.secrets, start=1)}
            | {(_ID, name): f"{_ID}{number}" for number, name in enumerate(self.ids, start=1)}
            | {(_CHAR, char): f"{_CHAR}{ord(char):06X}" for char in self.chars}
        )


def without_placeholders(text: str) -> str:
    """For prose that people read: a placeholder means nothing to them."""
    return PLACEHOLDER.sub(REDACTED, text)


def _pieces(text: str, known: tuple[str, ...], kinds: frozenset[IdKind]) -> Iterator[tuple[str, str]]:
    """The whole text in order: what is to be hidden with the prefix of its placeholders, the rest with "".

    A secret goes before a name that overlaps it.
    """
    for secret, part in _cut(text, _spans(text, known)):
        if secret:
            yield _SECRET, part
            continue
        for name, rest in _cut(part, _apart(part, list(find_ids(part, kinds)))):
            if name:
                yield _ID, rest
                continue
            for char, plain in _cut(rest, (match.span() for match in unseen(rest))):
                yield _CHAR if char else "", plain


def _cut(text: str, spans: Iterable[Span]) -> Iterator[tuple[bool, str]]:
    """The text in pieces, each with whether it is one of the spans."""
    at = 0
    for start, end in spans:
        yield False, text[at:start]
        yield True, text[start:end]
        at = end
    yield False, text[at:]


def _spans(text: str, known: tuple[str, ...]) -> Iterator[Span]:
    """What to hide, in order and without overlaps: never across a line end, so that a diff keeps its lines, and with
    the digits that follow, so that no placeholder runs into another number.
    """
    found = [
        (span.start + line.start(), span.start + line.end())
        for span in find_secrets(text)
        for line in _LINE.finditer(text[span.start : span.end])
    ]
    found += [match.span() for match in PLACEHOLDER.finditer(text)]
    if known:
        found += [match.span() for match in re.finditer("|".join(map(re.escape, known)), text)]
    return _apart(text, found)


def _apart(text: str, found: list[Span]) -> Iterator[Span]:
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
