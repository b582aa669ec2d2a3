import pytest

from iacfix.patches import apply_patch, read_diff

NO_NEWLINE = "\\ No newline at end of file\n"


def applied(before: bytes, *hunks: str) -> bytes:
    (patch,) = read_diff("--- a/x\n+++ b/x\n" + "".join(f"@@\n{hunk}" for hunk in hunks))
    return apply_patch(before, patch)


@pytest.mark.parametrize(
    ("before", "hunk", "after"),
    [
        pytest.param(b"a\r\nb\r\n", " a\n-b\n+c\n+d\n", b"a\r\nc\r\nd\r\n", id="CRLF file, LF diff"),
        pytest.param(b"a\nb\n", " a\r\n-b\r\n+c\r\n", b"a\nc\n", id="LF file, CRLF in the diff's lines"),
        pytest.param(b"a\r\nb\nc\n", " b\n+x\n", b"a\r\nb\nx\nc\n", id="mixed file, the line above decides"),
        pytest.param(b"a\nb\r\nc\n", "-b\n+x\n", b"a\nx\r\nc\n", id="mixed file, the replaced line decides"),
        pytest.param(b"a\r\nb\n", "+x\n a\n", b"x\r\na\r\nb\n", id="nothing above: the line below decides"),
        pytest.param(b"a\nb\r\n", " a\n-b\r\n+b\n", b"a\nb\n", id="a hunk that knows the endings changes one"),
        pytest.param(b"a\n", "-a\n+b\r\n", b"b\r\n", id="all endings change"),
        pytest.param(b"a\rb\n", "-a\rb\n+c\n", b"c\n", id="a carriage return inside a line is text"),
    ],
)
def test_new_lines_take_the_line_ending_of_the_file(before: bytes, hunk: str, after: bytes) -> None:
    assert applied(before, hunk) == after


@pytest.mark.parametrize(
    ("before", "hunk", "after"),
    [
        pytest.param(b"a\nb\nc", "-a\n+x\n", b"x\nb\nc", id="last line not touched"),
        pytest.param(b"a\nb", "-a\n+x\n b\n", b"x\nb", id="last line is context"),
        pytest.param(b"a\nb", " a\n-b\n+c\n", b"a\nc", id="last line replaced"),
        pytest.param(b"a\nb", " a\n-b\n", b"a\n", id="last line removed"),
        pytest.param(b"a\r\nb", " b\n+c\n", b"a\r\nb\r\nc", id="lines added after the last, CRLF"),
        pytest.param(b"b", " b\n+c\n", b"b\nc", id="lines added after the only one"),
        pytest.param(b"b", "+c\n b\n", b"c\nb", id="lines added before the only one"),
        pytest.param(b"b", f"-b\n{NO_NEWLINE}+c\n", b"c\n", id="the diff adds the newline"),
        pytest.param(b"b\n", f"-b\n+c\n{NO_NEWLINE}", b"c", id="the diff takes the newline"),
        pytest.param(b"b\n", f"-b\n{NO_NEWLINE}+c\n{NO_NEWLINE}", b"c\n", id="the diff is wrong about the file"),
        pytest.param(b"b\nc\n", f"-b\n+x\n{NO_NEWLINE}", b"x\nc\n", id="marked where the file goes on"),
        pytest.param(b"b\n", f"-b\n+x\n{NO_NEWLINE}+y\n", b"x\ny\n", id="marked where the hunk goes on"),
        pytest.param(b"a\r\nb", f" a\n-b\n{NO_NEWLINE}+c\n{NO_NEWLINE}", b"a\r\nc", id="marked, CRLF unknown to it"),
        pytest.param(b"b\n", "-b\n", b"", id="nothing left"),
    ],
)
def test_the_end_of_the_file(before: bytes, hunk: str, after: bytes) -> None:
    assert applied(before, hunk) == after


BOM = "\ufeff"


@pytest.mark.parametrize(
    ("hunk", "after"),
    [
        pytest.param("-a\n+x\n b\n", f"{BOM}x\nb\n", id="first line replaced"),
        pytest.param("+x\n a\n", f"{BOM}x\na\nb\n", id="line added above the first"),
        pytest.param("-a\n b\n", f"{BOM}b\n", id="first line removed"),
        pytest.param(f" {BOM}a\n-b\n+c\n", f"{BOM}a\nc\n", id="mark in the diff, context"),
        pytest.param(f"-{BOM}a\n+{BOM}x\n", f"{BOM}x\nb\n", id="mark in the diff, kept"),
        pytest.param(f"-{BOM}a\n+a\n", "a\nb\n", id="mark removed"),
        pytest.param(" a\n-b\n+c\n", f"{BOM}a\nc\n", id="first line is context"),
        pytest.param("-b\n+c\n", f"{BOM}a\nc\n", id="first line not touched"),
    ],
)
def test_a_byte_order_mark_stays_unless_the_diff_removes_it(hunk: str, after: str) -> None:
    assert applied(f"{BOM}a\nb\n".encode(), hunk) == after.encode()


def test_a_byte_order_mark_can_be_added() -> None:
    assert applied(b"a\n", f"-a\n+{BOM}a\n") == f"{BOM}a\n".encode()


def test_a_marked_first_line_is_told_from_the_same_line_below() -> None:
    assert applied(f"{BOM}a\na\n".encode(), f"-{BOM}a\n+{BOM}x\n") == f"{BOM}x\na\n".encode()
