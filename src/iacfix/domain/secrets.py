"""Finds credentials in a text of any format. Prefers to hide too much: what is hidden can be put back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from iacfix.domain.secret_names import Telling, is_literal, looks_random, telling

REDACTED = "[redacted]"


@dataclass(frozen=True, slots=True)
class SecretSpan:
    """Character offsets into the text; `end` is exclusive. `kind` says what it looks like, never what it is."""

    start: int
    end: int
    kind: str


def find_secrets(text: str) -> tuple[SecretSpan, ...]:
    """In order, without overlaps. Takes time linear in the text, whatever stands in it."""
    found = sorted((*_by_shape(text), *_by_name(text), *_by_block(text)), key=lambda span: (span.start, -span.end))
    merged: list[SecretSpan] = []
    for span in found:
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


# Every pattern starts at a fixed text or behind a look-behind, and repeats possessively or within small bounds:
# no input makes the search take more than linear time.
_SHAPES = {
    "aws-access-key-id": r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "private-key": (
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[A-Za-z0-9+/=\s\\:,.()@]|-(?!----))*+(?:-?-----END [A-Z0-9 ]{0,40}-----)?"
    ),
    "github-token": r"(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36,255}+|github_pat_\w{22,255}+)",
    "gitlab-token": r"(?<!\w)gl(?:pat|dt|rt|ptt|cbt|ft|soat|agent)-[\w-]{20,255}+",
    "slack-token": r"(?<!\w)xox[a-z]-[A-Za-z0-9-]{10,255}+|(?<!\w)xapp-[A-Za-z0-9-]{10,255}+",
    "slack-webhook": r"hooks\.slack\.com/services/(?P<secret>[A-Za-z0-9/]{20,120}+)",
    "stripe-key": r"(?<!\w)(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,255}+",
    "google-key": r"(?<!\w)(?:AIza[\w-]{35}|GOCSPX-[\w-]{20,64}+|ya29\.[\w-]{20,255}+)",
    "jwt": r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+){1,3}",
    "vendor-token": (
        r"(?<!\w)(?:npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,255}+|SG\.[\w-]{16,64}+\.[\w-]{16,64}+|hvs\.[\w-]{24,255}+"
        r"|sk-[\w-]{32,255}+|dckr_pat_[\w-]{20,64}+)"
    ),
    "password-in-url": r"://[^\s:/@\"'<>]{0,128}+:(?P<secret>[^\s/\"'<>]{1,256})@",
    "authorization-header": r"(?i)(?<!\w)(?:bearer|basic)[ ]{1,4}(?P<random>[A-Za-z0-9+/_.=~-]{20,4096}+)",
}
_COMPILED_SHAPES = tuple((kind, re.compile(pattern)) for kind, pattern in _SHAPES.items())


def _by_shape(text: str) -> Iterator[SecretSpan]:
    for kind, pattern in _COMPILED_SHAPES:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            if "random" in groups and not looks_random(match["random"]):
                continue
            if "secret" in groups and not is_literal(match["secret"], quoted=True):
                continue
            start, end = match.span("random" if "random" in groups else "secret" if "secret" in groups else 0)
            yield SecretSpan(start, end, kind)


_NAME = re.compile(
    r"(?<![\w.-])(?P<name>[\w.-]++)\\?[\"']?\]?"
    r"(?:[ \t]{0,40}(?P<operator>=>|:=|=|:)(?P<gap>[ \t]{0,40})|(?<=\w)[ ](?P<argument>(?=[^\s=:{-])))"
)
_VALUE = re.compile(
    r"\\\"(?P<escaped>[^\"\\\n]*+)\\\""
    r"|\"(?P<double>(?:[^\"\\\n]|\\.)*+)\""
    r"|'(?P<single>[^'\n]*+)'"
    r"|(?P<bare>[^\s\"'\\]{1,512}+)"
)
_LINE_START = re.compile(r"[+\-]?[ \t]{0,100}(?:- |export )?\\?[\"']?$")
_LINE_END = re.compile(r"[ \t,;]{0,40}(?:#|//|[\r\n]|\Z)")
_LINE_LOOK_BACK = 120


def _by_name(text: str) -> Iterator[SecretSpan]:
    """`name = "literal"` in HCL, JSON, YAML, env files and shells, `--name literal`, and name and value as a pair."""
    covered = 0
    for match in _NAME.finditer(text):
        if match.end() <= covered or (strength := telling(match["name"])) is Telling.NO:
            continue
        if match["argument"] is not None and not match["name"].startswith("--"):
            continue
        if span := _value_at(text, match.end(), strength, match):
            covered = span.end
            yield span
    for match in _PAIR.finditer(text):
        strength = telling(match["name"])
        if strength is not Telling.NO and (span := _value_at(text, match.end(), strength, None)):
            yield span


def _value_at(text: str, at: int, strength: Telling, header: re.Match[str] | None) -> SecretSpan | None:
    match = _VALUE.match(text, at)
    if match is None or match.lastgroup is None:
        return None
    start, end = match.span(match.lastgroup)
    bare = match.lastgroup == "bare"
    if bare:
        end = start + len(text[start:end].rstrip(",;})]"))
    value = text[start:end]
    if not is_literal(value, quoted=not bare) or (strength is Telling.WEAK and not looks_random(value)):
        return None
    if bare and header is not None and not _stands_as_a_value(text, value, end, header):
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


# Places where the telling word and the value stand apart: environment lists, variables, SSM parameters.
_PAIR = re.compile(
    r"(?i)\bname\\?[\"']?[ \t]{0,20}[:=][ \t]{0,20}\\?[\"']?(?P<name>[\w.-]{2,128}+)\\?[\"']?"
    r"[\s,+-]{0,80}\\?[\"']?value\\?[\"']?[ \t]{0,20}[:=][ \t]{0,20}"
)
_VARIABLE = re.compile(r"\bvariable[ \t]{1,20}\"(?P<name>[\w.-]{1,128}+)\"")
_DEFAULT = re.compile(r"\bdefault[ \t]{0,40}=[ \t]{0,40}")
_SECURE_STRING = re.compile(r"\"SecureString\"")
_SECURE_VALUE = re.compile(r"(?i)(?<![\w-])value\"?[ \t]{0,40}[=:][ \t]{0,40}")
_BLOCK_WINDOW = 600


def _by_block(text: str) -> Iterator[SecretSpan]:
    for match in _VARIABLE.finditer(text):
        strength = telling(match["name"])
        end = _block_end(text, match.end())
        default = _DEFAULT.search(text, match.end(), end)
        if strength is not Telling.NO and default and (span := _value_at(text, default.end(), strength, None)):
            yield span
    for match in _SECURE_STRING.finditer(text):
        start = max(0, match.start() - _BLOCK_WINDOW)
        start = max(start, text.rfind("\n}", start, match.start()))
        value = _SECURE_VALUE.search(text, start, _block_end(text, match.end()))
        if value and (span := _value_at(text, value.end(), Telling.STRONG, None)):
            yield span


def _block_end(text: str, at: int) -> int:
    """Where the block around `at` is closed in the first column, or as far as is looked."""
    end = text.find("\n}", at, at + _BLOCK_WINDOW)
    return end if end != -1 else min(len(text), at + _BLOCK_WINDOW)
