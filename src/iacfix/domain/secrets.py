"""Finds credentials in a text of any format. Prefers to hide too much: what is hidden can be put back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from iacfix.domain.secret_expressions import Heredocs, block_scalar, expression, looks_like_expression
from iacfix.domain.secret_names import Telling, is_literal, looks_random, telling
from iacfix.domain.secret_shapes import blobs, shaped
from iacfix.domain.unseen import without_unseen

if TYPE_CHECKING:
    from iacfix.domain.secret_expressions import Span

REDACTED = "[redacted]"


@dataclass(frozen=True, slots=True)
class SecretSpan:
    """Character offsets into the text; `end` is exclusive. `kind` says what it looks like, never what it is."""

    start: int
    end: int
    kind: str


def find_secrets(text: str) -> tuple[SecretSpan, ...]:
    """In order, without overlaps. Takes time linear in the text, whatever stands in it. Characters that nobody sees do
    not keep a secret from being found.
    """
    return _find_again(text) if len(text) <= _MOST_REMEMBERED else _find(text)


def _find(text: str) -> tuple[SecretSpan, ...]:
    found = [*_spans(text)]
    seen, offsets = without_unseen(text)
    if offsets:
        found += [SecretSpan(offsets[each.start], offsets[each.end - 1] + 1, each.kind) for each in _spans(seen)]
    return _merged(found)


# The same texts are looked through again and again, while they are hidden, judged and shown.
_MOST_REMEMBERED = 20_000
_find_again = lru_cache(maxsize=512)(_find)


def _spans(text: str) -> Iterator[SecretSpan]:
    yield from _plain_spans(text)
    for blob, inner in blobs(text):
        if any(True for _ in _plain_spans(inner)):
            yield SecretSpan(*blob)


def _plain_spans(text: str) -> Iterator[SecretSpan]:
    for each in shaped(text):
        yield SecretSpan(*each)
    yield from _Named(text).spans()


def _merged(found: list[SecretSpan]) -> tuple[SecretSpan, ...]:
    merged: list[SecretSpan] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = SecretSpan(last.start, max(last.end, span.end), last.kind)
        else:
            merged.append(span)
    return tuple(merged)


def holds_secret(text: str) -> bool:
    return bool(find_secrets(text))


def redact(text: str) -> str:
    """For display: every secret gives way to `[redacted]`."""
    parts, at = [], 0
    for span in find_secrets(text):
        parts += [text[at : span.start], REDACTED]
        at = span.end
    return "".join((*parts, text[at:]))


_NEXT_LINE = r"(?:\r?\n[ \t]{0,100}(?=[\"'][^\"'\n]{0,512}[\"'][ \t]*(?:[\r\n,}]|\Z)))?"
_NAME = re.compile(
    r"(?<![\w.-])(?P<name>[\w.-]++)\\?[\"']?\]?"
    rf"(?:[ \t]{{0,40}}(?P<operator>=>|:=|=|:)(?P<gap>[ \t]{{0,40}}{_NEXT_LINE})"
    r"|(?<=\w)[ ](?P<argument>(?=[^\s=:{-])))"
)
_VALUE = re.compile(
    r"\\\"(?P<escaped>[^\"\\\n]*+)\\\""
    r"|\"(?P<double>(?:[^\"\\\n]|\\.)*+)\""
    r"|'(?P<single>[^'\n]*+)'"
    r"|(?P<bare>[^\s\"'\\]{1,512}+)"
)
_SUBSTITUTE = re.compile(r"!Sub[ \t]{1,20}|\{[ \t\r\n]{0,40}\"Fn::Sub\"[ \t]{0,20}:[ \t]{0,20}")
# An anchor, or a tag that says that it is text, before a value of YAML.
_PROPERTIES = re.compile(r"(?:(?:&[^\s,\[\]{}\"']{1,128}|!!(?:str|binary)|!)[ \t]{1,20}){1,2}(?=[^\s&])")
_LINE_START = re.compile(r"[+\-]?[ \t]{0,100}(?:- |export )?\\?[\"']?$")
_LINE_END = re.compile(r"[ \t,;]{0,40}(?:#|//|[\r\n]|\Z)")
_LINE_LOOK_BACK = 120

# Places where the telling word and the value stand apart: environment lists, tags, variables, parameters.
_PAIR = re.compile(
    r"(?i)\b(?:name|key)\\?[\"']?[ \t]{0,20}[:=][ \t]{0,20}\\?[\"']?(?P<name>[\w.-]{2,128}+)\\?[\"']?"
    r"[\s,+-]{0,80}\\?[\"']?value\\?[\"']?[ \t]{0,20}[:=][ \t]{0,20}"
)
_TURNED_PAIR = re.compile(
    r"(?i)\bvalue\\?[\"']?[ \t]{0,20}[:=][ \t]{0,20}(?P<value>\\?[\"']?[^\"'\n\\]{1,512}+\\?[\"']?)"
    r"[\s,+-]{1,80}\\?[\"']?(?:name|key)\\?[\"']?[ \t]{0,20}[:=][ \t]{0,20}\\?[\"']?(?P<name>[\w.-]{2,128}+)"
)
_VARIABLE = re.compile(r"\bvariable[ \t]{1,20}\"(?P<name>[\w.-]{1,128}+)\"")
_DEFAULT = re.compile(r"\bdefault[ \t]{0,40}=[ \t]{0,40}")
_PARAMETER = re.compile(r"(?<![\w.-])[\"']?(?P<name>[\w.-]{1,128}+)[\"']?[ \t]{0,20}:[ \t]{0,20}(?:\{|\r?\n)")
_PARAMETER_DEFAULT = re.compile(r"(?<![\w-])[\"']?Default[\"']?[ \t]{0,20}:[ \t]{0,20}")
_PARAMETER_END = re.compile(r"\}|\n[ \t]*\n")
_SECURE_STRING = re.compile(r"\"SecureString\"")
_SECURE_VALUE = re.compile(r"(?i)(?<![\w-])value\"?[ \t]{0,40}[=:][ \t]{0,40}")
_BLOCK_WINDOW = 2000
_PARAMETER_WINDOW = 500


@dataclass(slots=True)
class _Named:
    """Secrets that something beside them tells of. `scanned`: how far expressions have been read, by strength."""

    text: str
    scanned: dict[Telling, int] = field(default_factory=dict)
    heredocs: Heredocs = field(init=False)

    def __post_init__(self) -> None:
        self.heredocs = Heredocs(self.text)

    def spans(self) -> Iterator[SecretSpan]:
        yield from self._beside_a_name()
        yield from self._in_a_pair()
        yield from self._in_a_block()

    def _beside_a_name(self) -> Iterator[SecretSpan]:
        """`name = "literal"` in HCL, JSON, YAML, env files and shells, and `--name literal`."""
        covered = 0
        for match in _NAME.finditer(self.text):
            if match.end() <= covered or (strength := telling(match["name"])) is Telling.NO:
                continue
            if match["argument"] is not None and not match["name"].startswith("--"):
                continue
            if match["operator"] == ":" and self.text[max(0, match.start() - 1) : match.start()] == ":":
                continue  # a part of an ARN
            for span in self._values_at(match.end(), strength, match):
                covered = span.end
                yield span

    def _in_a_pair(self) -> Iterator[SecretSpan]:
        for match in _PAIR.finditer(self.text):
            if (strength := telling(match["name"])) is not Telling.NO:
                yield from self._values_at(match.end(), strength, None)
        for match in _TURNED_PAIR.finditer(self.text):
            if (strength := telling(match["name"])) is not Telling.NO:
                yield from self._values_at(match.start("value"), strength, None)

    def _in_a_block(self) -> Iterator[SecretSpan]:
        for match in _VARIABLE.finditer(self.text):
            strength = telling(match["name"])
            if strength is Telling.NO:
                continue
            if default := _DEFAULT.search(self.text, match.end(), self._block_end(match.end())):
                yield from self._values_at(default.end(), strength, None)
        for match in _PARAMETER.finditer(self.text):
            if telling(match["name"]) is not Telling.STRONG:
                continue
            most = match.end() + _PARAMETER_WINDOW
            end = _PARAMETER_END.search(self.text, match.end(), most)
            if default := _PARAMETER_DEFAULT.search(self.text, match.end(), end.start() if end else most):
                yield from self._values_at(default.end(), Telling.STRONG, None)
        for match in _SECURE_STRING.finditer(self.text):
            start = max(0, match.start() - _BLOCK_WINDOW)
            start = max(start, self.text.rfind("\n}", start, match.start()))
            if value := _SECURE_VALUE.search(self.text, start, self._block_end(match.end())):
                yield from self._values_at(value.end(), Telling.STRONG, None)

    def _block_end(self, at: int) -> int:
        """Where the block around `at` is closed in the first column, or as far as is looked."""
        end = self.text.find("\n}", at, at + _BLOCK_WINDOW)
        return end if end != -1 else min(len(self.text), at + _BLOCK_WINDOW)

    def _values_at(self, at: int, strength: Telling, header: re.Match[str] | None) -> Iterator[SecretSpan]:
        if substitute := _SUBSTITUTE.match(self.text, at):
            at = substitute.end()
        elif properties := _PROPERTIES.match(self.text, at):
            at = properties.end()
        if span := self._value_at(at, strength, header):
            yield span
            return
        operator = header["operator"] or "" if header is not None else "="
        if not operator or at < self.scanned.get(strength, 0):
            return
        spans: list[Span] = []
        end = at
        if operator == ":" and header is not None:
            spans, end = block_scalar(self.text, at, header.start())
        if end == at and looks_like_expression(self.text, at, operator):
            spans, end = expression(self.text, at, self.heredocs)
        self.scanned[strength] = end
        for start, stop in spans:
            if strength is Telling.STRONG or looks_random(self.text[start:stop]):
                yield SecretSpan(start, stop, f"{strength.name.lower()}-name")

    def _value_at(self, at: int, strength: Telling, header: re.Match[str] | None) -> SecretSpan | None:
        match = _VALUE.match(self.text, at)
        if match is None or match.lastgroup is None:
            return None
        start, end = match.span(match.lastgroup)
        bare = match.lastgroup == "bare"
        if bare:
            end = start + len(self.text[start:end].rstrip(",;})]"))
        value = self.text[start:end]
        if not is_literal(value, quoted=not bare) or (strength is Telling.WEAK and not looks_random(value)):
            return None
        if bare and header is not None and not _stands_as_a_value(self.text, value, end, header):
            return None
        return SecretSpan(start, end, f"{strength.name.lower()}-name")


def _stands_as_a_value(text: str, value: str, end: int, header: re.Match[str]) -> bool:
    """A bare word after a telling name is a value in `A=b`, in a line of its own, or when it has a figure in it; in
    `password: change it` of a sentence it is not.
    """
    if header["argument"] is not None or any(char.isdigit() for char in value):
        return True
    if header["operator"] == "=" and not header["gap"] and text[header.end() - 2] not in " \t":
        return True
    start = header.start()
    line = max(text.rfind("\n", max(0, start - _LINE_LOOK_BACK), start) + 1, start - _LINE_LOOK_BACK, 0)
    return bool(_LINE_START.match(text[line:start]) and _LINE_END.match(text, end))
