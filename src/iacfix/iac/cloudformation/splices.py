"""The smallest edit there is: some bytes for others."""

from dataclasses import dataclass

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.document import CloudFormationDocument


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace the bytes from `start` to `end` (exclusive) by `text`."""

    start: int
    end: int
    text: str


def apply(document: CloudFormationDocument, *splices: Splice) -> CloudFormationDocument:
    """The document after the edits. Raises DocumentError when it would no longer parse, ValueError on overlap."""
    pieces: list[bytes] = []
    position = 0
    for splice in sorted(splices, key=lambda item: (item.start, item.end)):
        if splice.start < position:
            msg = "edits overlap"
            raise ValueError(msg)
        pieces += [document.data[position : splice.start], _encoded(splice.text)]
        position = splice.end
    pieces.append(document.data[position:])
    return CloudFormationDocument.read(document.path, b"".join(pieces))


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise DocumentError("the new text is no Unicode (half a surrogate pair)", remedy="mend the value") from None


def end_of_line(document: CloudFormationDocument, offset: int) -> int:
    """The offset of the line's end (its CR or LF) at or after `offset`; a trailing comment is included."""
    end = document.data.find(b"\n", offset)
    end = len(document.data) if end < 0 else end
    return end - 1 if end > offset and document.data[end - 1 : end] == b"\r" else end


def before_on_line(document: CloudFormationDocument, offset: int) -> str:
    """What stands before `offset` on its line, without a byte order mark."""
    return document.text(document.data.rfind(b"\n", 0, offset) + 1, offset).removeprefix("\ufeff")


def indent_of(document: CloudFormationDocument, offset: int) -> str:
    """The white space at the start of the line on which `offset` stands."""
    line = before_on_line(document, offset)
    return line[: len(line) - len(line.lstrip(" \t"))]
