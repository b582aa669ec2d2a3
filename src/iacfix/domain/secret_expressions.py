"""The literals of what stands after a telling name where that is no plain value: an expression of HCL, a heredoc, a
block text of YAML.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from iacfix.domain.secret_names import is_literal, looks_random

Span = tuple[int, int]

# Functions whose arguments name something else: a file, a secret's place, a key of a map.
_NO_VALUES = frozenset({"abspath", "contains", "endswith", "file", "filebase64", "fileexists", "fileset"}) | {
    *("GetAtt", "Ref", "formatdate", "pathexpand", "ref", "startswith", "templatefile"),
}
_KEY_IS_SECOND = "lookup"
_MOST = 20_000  # characters of one expression
_LEAST_BESIDE_A_TEMPLATE = 6

_OUTSIDE_STRING = re.compile(
    r"<<[-~]?(?P<heredoc>\w{1,64})[ \t]*\r?\n|(?P<word>[A-Za-z_][\w.-]*+)|(?P<two>[=!]=|=>)|#[^\n]*|//[^\n]*"
    r"|(?P<space>[ \t\r]+)|(?P<one>.)|(?P<line>\n)"
)
_INSIDE_STRING = re.compile(r"\\.|\$\$\{|%%\{|(?P<open>[$%]\{)|(?P<end>\")|(?P<line>\n)|[^\"\\$%\n]+|.")
_AFTER = re.compile(r"[ \t]*(?P<sign>==|!=|=>|=|:)?")
_END_LINE = re.compile(r"^[ \t]*(?P<word>\w{1,64}+)[ \t]*\r?$", re.MULTILINE)
_SCALAR = re.compile(r"[|>][+-]?[0-9]?[+-]?[ \t]*(?:#[^\n]*)?\r?\n")
_OPENING, _CLOSING = "([{", ")]}"
_INDENT = re.compile(r"[ \t]*(?:- )*")


@dataclass(slots=True)
class _String:
    start: int
    before: str  # the token before it
    chunks: list[Span] = field(default_factory=list)  # what stands between its templates, once it has any


@dataclass(slots=True)
class _Bracket:
    sign: str
    call: str = ""
    index: bool = False
    commas: int = 0

    @property
    def names_a_place(self) -> bool:
        """Whether what stands there now says where a value is, and not which."""
        return self.index or self.call in _NO_VALUES or (self.call == _KEY_IS_SECOND and self.commas == 1)


class Heredocs:
    """Where the lines stand that could end a heredoc. They are looked up once for a text, however many begin in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: dict[str, list[Span]] | None = None

    def lines(self, at: int, word: str) -> tuple[list[Span], int]:
        """The lines of a heredoc from `at` to the line that holds `word` alone; none where there is no such line."""
        if self._ends is None:
            self._ends = {}
            for match in _END_LINE.finditer(self._text):
                self._ends.setdefault(match["word"], []).append(match.span())
        ends = self._ends.get(word, [])
        number = bisect_left(ends, (at, 0))
        if number == len(ends) or ends[number][0] > at + _MOST:
            return [], at
        start, end = ends[number]
        return list(_lines(self._text, at, start)), end


def expression(text: str, at: int, heredocs: Heredocs) -> tuple[list[Span], int]:
    """The literals of an expression of HCL that starts at `at`, and where it ends."""
    return _Scan(text, heredocs).run(at)


def block_scalar(text: str, at: int, key: int) -> tuple[list[Span], int]:
    """The lines of a block text of YAML whose `|` or `>` stands at `at`, under a key that stands at `key`."""
    head = _SCALAR.match(text, at)
    if head is None:
        return [], at
    first = text.rfind("\n", max(0, key - 200), key) + 1
    indent = _INDENT.match(text, first)
    least = (indent.end() - first if indent else 0) + 1
    end = head.end()
    while end < min(len(text), at + _MOST):
        stop = text.find("\n", end)
        stop = len(text) if stop == -1 else stop + 1
        line = text[end:stop]
        if line.strip() and len(line) - len(line.lstrip(" \t")) < least:
            break
        end = stop
    return list(_lines(text, head.end(), end)), end


def looks_like_expression(text: str, at: int, operator: str) -> bool:
    """Whether more than a word begins at `at`: in YAML and JSON only calls and lists can hold literals of a secret."""
    pattern = _CALL_OR_LIST if operator == ":" else _EXPRESSION
    return pattern.match(text, at) is not None


_CALL_OR_LIST = re.compile(r"[A-Za-z_][\w]*\(|\(|\[|\"[^\"\n$]*\$\{")
_EXPRESSION = re.compile(r"[A-Za-z_(\[{]|<<|\"[^\"\n$]*\$\{|!(?![A-Za-z])")


class _Scan:
    def __init__(self, text: str, heredocs: Heredocs) -> None:
        self._text = text
        self._heredocs = heredocs
        self._found: list[Span] = []
        self._stack: list[_Bracket | _String] = []
        self._before = ""

    def run(self, at: int) -> tuple[list[Span], int]:
        end = min(len(self._text), at + _MOST)
        while at < end:
            top = self._stack[-1] if self._stack else None
            following = self._in_string(at, top) if isinstance(top, _String) else self._outside(at)
            if following is None:
                break
            at = following
        return self._found, at

    def _in_string(self, at: int, string: _String) -> int | None:
        match = _INSIDE_STRING.match(self._text, at)
        if match is None or match["line"]:
            return None
        if match["open"]:
            start = string.chunks.pop()[0] if string.chunks else string.start
            string.chunks.append((start, at))
            self._stack.append(_Bracket("{"))
            self._before = ""
        elif match["end"]:
            self._stack.pop()
            self._before = '"'
            self._close(string, at)
        return match.end()

    def _outside(self, at: int) -> int | None:
        match = _OUTSIDE_STRING.match(self._text, at)
        if match is None:
            return None
        if match["heredoc"]:
            lines, end = self._heredocs.lines(match.end(), match["heredoc"])
            self._found += lines
            self._before = "heredoc"
            return end
        if match["line"]:
            if self._stack and isinstance(top := self._stack[-1], _Bracket) and top.sign == "{":
                self._before = "\n"
            return match.end() if self._stack else None
        if match["one"]:
            return match.end() if self._sign(match["one"], match.end()) else None
        if match["word"] or match["two"]:
            self._before = match[0]
        return match.end()

    def _sign(self, sign: str, end: int) -> bool:
        """False where the expression is over."""
        top = self._stack[-1] if self._stack else None
        if sign == '"':
            self._stack.append(_String(end, self._before))
            return True
        if sign in _OPENING:
            attached = end > 1 and (self._text[end - 2].isalnum() or self._text[end - 2] in "_])*")
            self._stack.append(_Bracket(sign, self._before if attached else "", index=sign == "[" and attached))
        elif sign in _CLOSING:
            if not isinstance(top, _Bracket):
                return False
            self._stack.pop()
            if self._stack and isinstance(string := self._stack[-1], _String):
                string.chunks.append((end, end))
        elif sign in ",;" and isinstance(top, _Bracket):
            top.commas += 1
        elif sign in ",;":
            return False
        self._before = sign
        return True

    def _close(self, string: _String, end: int) -> None:
        inside = self._stack[-1] if self._stack else None
        if isinstance(inside, _Bracket) and inside.names_a_place:
            return
        after = _AFTER.match(self._text, end + 1)
        sign = (after["sign"] if after else "") or ""
        if string.before in {"==", "!="} or sign in {"==", "!="}:
            return
        if sign in {"=", ":", "=>"} and string.before in {"", "{", ",", "\n"} and inside is not None:
            return  # the key of an object
        if not string.chunks:
            if is_literal(self._text[string.start : end], quoted=True):
                self._found.append((string.start, end))
            return
        start, _ = string.chunks.pop()
        for piece in (*string.chunks, (start, end)):
            if _tells(self._text[slice(*piece)]):
                self._found.append(piece)


def _tells(piece: str) -> bool:
    """Whether a piece of a string beside its templates is a secret of its own, and not a part of a name."""
    solid = piece.strip()
    mixed = any(map(str.isdigit, solid)) and any(map(str.isalpha, solid))
    return looks_random(solid) or (mixed and len(solid) >= _LEAST_BESIDE_A_TEMPLATE and is_literal(solid, quoted=True))


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    for match in re.compile(r"[^\s](?:[^\r\n]*[^\s])?").finditer(text, start, end):
        if is_literal(match[0], quoted=True):
            yield match.span()
