"""The top-level blocks of a Terraform file without a syntax tree: an index needs to know where they are, not more.

One regular expression walks the tokens that matter: strings, heredocs, comments and brackets. Whatever it is not sure
of it does not guess: `scan` answers None, and the caller parses the file.
"""

import re
from collections.abc import Iterator

from iacfix.iac.entry import Entry
from iacfix.iac.terraform.syntax import BOM

# A value longer than this is no name, and an index keeps no texts beyond it.
MAX_TEXT = 2000


_WORD = rb"[A-Za-z_\x80-\xff][\w\x80-\xff-]*"
_STRING = rb'"(?:[^"\\$%\n]|\\.|\$(?!\{)|%(?!\{))*"'
_SPACE = re.compile(rb"[ \t\r\n]+")
_COMMENT = re.compile(rb"(?:#|//)[^\n]*|/\*.*?\*/", re.DOTALL)
_HEADER = re.compile(
    rb"(" + _WORD + rb')((?:[ \t]+(?:"[^"\\$%\n]*"|' + _WORD + rb"))*)[ \t]*\{",
)
_OPENING = re.compile(rb"[ \t]*(?:\}|\r?\n|#|//|/\*)")
_LABEL = re.compile(rb'"([^"]*)"|(' + _WORD + rb")")
_NAME = re.compile(rb"(" + _WORD + rb")[ \t]*=(?![=>])[ \t]*")
# What can stand inside a block, the likeliest first. A line that holds one plain attribute is taken whole.
_TOKEN = re.compile(
    rb"\n[ \t]*(?:(" + _WORD + rb")[ \t]*=(?![=>])[ \t]*(?:(" + _STRING + rb"|[\w.\-]+)[ \t]*(?=\r?\n|#|//|/\*))?)?"
    rb"|" + _STRING + rb"|(?:#|//)[^\n]*|/\*.*?(?:\*/|\Z)|([{(\[])|([})\]])|(\")"
    rb"|<<-?([^\s\"{}()\[\]]+)[ \t]*\r?(?=\n)|(<<)",
    re.DOTALL,
)
_NAMED, _PLAIN, _OPEN, _CLOSE, _QUOTE, _HEREDOC, _ODD = range(1, 8)


class _DoubtError(Exception):
    """The text is written in a way that only a parser can judge."""


def scan(data: bytes, kept: frozenset[str]) -> tuple[Entry, ...] | None:
    """The blocks in the order of the text; None where in doubt. `kept`: attributes of resources whose text is wanted.

    Of variables the default is kept, of locals, module calls and variable files every attribute.
    """
    try:
        return tuple(_entries(data, kept))
    except (_DoubtError, UnicodeDecodeError):
        return None


def _entries(data: bytes, kept: frozenset[str]) -> Iterator[Entry]:
    at = len(BOM) if data.startswith(BOM) else 0
    line, counted = 1, 0
    assigned: dict[str, str] = {}
    first = last = 0
    while (at := _skipped(data, at)) < len(data):
        header = _HEADER.match(data, at)
        if header is None:
            name = _NAME.match(data, at)
            if name is None:
                raise _DoubtError
            end = _value_end(data, name.end())
            _keep(assigned, name.group(1), data[name.end() : end])
            first, last, at = (first if assigned else at), end, end
            continue
        keyword = header.group(1).decode()
        if _OPENING.match(data, header.end()) is None:  # all on one line
            raise _DoubtError
        texts: dict[str, str] = {}
        end = _body_end(data, header.end(), texts, _wanted(keyword, kept))
        line, counted = line + data.count(b"\n", counted, at), at
        labels = tuple((quoted or bare).decode() for quoted, bare in _LABEL.findall(header.group(2)))
        yield Entry(keyword, labels, at, end, line, line + data.count(b"\n", at, end), texts)
        at = end
    if assigned:
        yield Entry("", (), first, last, 1, 1 + data.count(b"\n"), assigned)


def _wanted(keyword: str, kept: frozenset[str]) -> frozenset[str] | None:
    """None: every attribute."""
    match keyword:
        case "resource":
            return kept
        case "module" | "locals":
            return None
        case "variable":
            return frozenset({"default"})
        case "provider":
            return frozenset({"alias"})
        case _:
            return frozenset()


def _skipped(data: bytes, at: int) -> int:
    while True:
        found = _SPACE.match(data, at) or _COMMENT.match(data, at)
        if found is None:
            return at
        at = found.end()


def _body_end(  # noqa: C901, PLR0912 - one branch for each kind of token
    data: bytes, at: int, texts: dict[str, str], wanted: frozenset[str] | None
) -> int:
    """Behind the brace that closes the block. Fills `texts` with what stands directly in it."""
    depth = 1
    open_name: bytes | None = None  # an attribute of the block whose value runs on
    value_start = 0
    while True:
        token = _TOKEN.search(data, at)
        if token is None:
            raise _DoubtError
        at, kind = token.end(), token.lastindex
        if kind is None:
            if depth == 1 and open_name is not None and data[token.start()] in b"\n#/":
                _keep(texts, open_name, data[value_start : token.start()])
                open_name = None
        elif kind <= _PLAIN:
            if depth > 1:
                continue
            if open_name is not None:
                _keep(texts, open_name, data[value_start : token.start()])
                open_name = None
            name = token.group(_NAMED)
            if wanted is None or name.decode() in wanted:
                if kind == _PLAIN:
                    _keep(texts, name, token.group(_PLAIN))
                else:
                    open_name, value_start = name, at
        elif kind == _OPEN:
            depth += 1
        elif kind == _CLOSE:
            depth -= 1
            if depth == 0:
                if open_name is not None or token.group() != b"}":
                    raise _DoubtError
                return at
        else:
            at = _special_end(data, token)


def _value_end(data: bytes, at: int) -> int:
    """The end of an assignment's value: the line's, once every bracket is closed."""
    depth = 0
    while True:
        token = _TOKEN.search(data, at)
        if token is None:
            if depth:
                raise _DoubtError
            return len(data)
        kind = token.lastindex
        if depth == 0 and (data[token.start()] in b"\n#" or data.startswith((b"//", b"/*"), token.start())):
            return token.start()
        at = token.end()
        if kind == _OPEN:
            depth += 1
        elif kind == _CLOSE:
            depth -= 1
            if depth < 0:
                raise _DoubtError
        elif kind is not None and kind >= _QUOTE:
            at = _special_end(data, token)


def _special_end(data: bytes, token: re.Match[bytes]) -> int:
    if token.lastindex == _QUOTE:
        return _template_end(data, token.end())
    if token.lastindex == _ODD:
        raise _DoubtError
    end = re.compile(rb"\n[ \t]*" + re.escape(token.group(_HEREDOC)) + rb"[ \t]*(?=\r?\n|\Z)").search(data, token.end())
    if end is None:
        raise _DoubtError
    return end.end()


_IN_TEMPLATE = re.compile(rb'\\.|\$\$\{|%%\{|[$%]\{|"|\n', re.DOTALL)
_IN_INTERPOLATION = re.compile(rb'"|\{|\}|\n|<<|#|//|/\*')


def _template_end(data: bytes, at: int) -> int:
    """Behind the quote that ends a string with interpolations, which may hold strings themselves."""
    stack = [b'"']  # what has to be closed: a quote, an interpolation, a brace within one
    while stack:
        pattern = _IN_TEMPLATE if stack[-1] == b'"' else _IN_INTERPOLATION
        token = pattern.search(data, at)
        if token is None or token.group() in {b"\n", b"<<", b"#", b"//", b"/*"}:
            raise _DoubtError
        at, found = token.end(), token.group()
        if stack[-1] == b'"':
            if found == b'"':
                stack.pop()
            elif found in {b"${", b"%{"}:
                stack.append(b"}")
        elif found == b"}":
            stack.pop()
        else:
            stack.append(b'"' if found == b'"' else b"}")
    return at


def _keep(texts: dict[str, str], name: bytes, value: bytes) -> None:
    """An attribute that is written twice is not known."""
    key = name.decode()
    if key in texts or len(value) > MAX_TEXT:
        texts[key] = ""
        return
    texts[key] = value.strip().decode()
