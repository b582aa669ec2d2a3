"""What the grammar rejects and Terraform accepts, rewritten to text of the same length that both read alike.

Only the shape of the tree counts: whoever parses the rewritten text takes the words from the original. So a rewrite
inside a string or a comment does no harm, as long as it ends the string or comment where it ended before.
"""

import re

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff-]*"
_EXPONENT = re.compile(rb"(?<![\w.\x80-\xff-])(-*)(\d+[eE][+-]?\d+)(?![\w.\x80-\xff])")
_NAMESPACED = re.compile(rb"(?<![\w\x80-\xff-])" + _NAME + rb"(?:[ \t]*::[ \t]*" + _NAME + rb")+(?=[ \t]*\()")
_SPLAT = re.compile(rb"(?<=[\w\])])([ \t]{0,80}\[[ \t\r\n]*)\*(?=[ \t\r\n]*\])")
_MARKER = re.compile(rb"<<-?(" + _NAME + rb")(?=\r?\n)")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_COLON_OR_BLANK = re.compile(rb"[: \t]")

MAX_MARKERS = 16


def may_be_misread(text: bytes) -> bool:
    """To the grammar `x = 1e10` above `rule {` is `x = 1` and a block `e10`."""
    return _EXPONENT.search(text) is not None


def mended(text: bytes) -> bytes:
    """The same bytes where there is nothing to rewrite; as many bytes and lines in any case."""
    text = _EXPONENT.sub(lambda found: found[1] + b"0" * len(found[2]), text)  # 1e10
    text = _NAMESPACED.sub(lambda found: _COLON_OR_BLANK.sub(b"_", found[0]), text)  # provider :: aws :: f(x)
    text = _SPLAT.sub(lambda found: found[1] + b"0", text)  # a [ * ]
    return _plain_markers(text)


def _plain_markers(text: bytes) -> bytes:
    """`<<É` and the line that ends it. The new marker is one that stands nowhere, so that no line ends it early."""
    markers = {found[1] for found in _MARKER.finditer(text) if not found[1].isascii()}
    if not markers or len(markers) > MAX_MARKERS:
        return text
    plain: dict[bytes, bytes] = {}
    for marker in sorted(markers):
        candidates = (_NOT_ASCII.sub(letter, marker) for letter in (b"x", b"q", b"z", b"K", b"_"))
        free = next((each for each in candidates if each not in text and each not in plain.values()), None)
        if free is None:
            return text
        plain[marker] = free
    text = _MARKER.sub(lambda found: found[0].replace(found[1], plain.get(found[1], found[1])), text)
    lines = text.split(b"\n")
    for index, line in enumerate(lines):
        if (bare := line.strip(b" \t\r")) in plain:
            lines[index] = line.replace(bare, plain[bare])
    return b"\n".join(lines)
