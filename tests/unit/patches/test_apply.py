import pytest

from iacfix.domain.errors import PatchError
from iacfix.patches import FilePatch, Hunk, HunkLine, LineKind, apply_patch, read_diff
from iacfix.patches.apply import MAX_LISTED_PLACES

BLOCK = "resource {{\n  name = {0}\n  acl  = public\n}}\n"
FILE = BLOCK.format("a") + "\n" + BLOCK.format("b")


def patch(*hunks: str) -> FilePatch:
    (read,) = read_diff("--- a/main.tf\n+++ b/main.tf\n" + "".join(f"@@\n{hunk}" for hunk in hunks))
    return read


def applied(text: str, *hunks: str) -> str:
    return apply_patch(text.encode(), patch(*hunks)).decode()


def refusal(text: str, *hunks: str, within: tuple[int, int] | None = None) -> str:
    with pytest.raises(PatchError) as caught:
        apply_patch(text.encode(), patch(*hunks), within=within)
    assert caught.value.remedy
    return str(caught.value)


def test_a_hunk_lands_where_its_lines_stand() -> None:
    after = applied(FILE, "   name = b\n-  acl  = public\n+  acl  = private\n")
    assert after == BLOCK.format("a") + "\n" + BLOCK.format("b").replace("public", "private")


def test_hunks_apply_in_file_order_whatever_their_order_in_the_diff() -> None:
    assert applied("a\nb\nc\nd\n", "-d\n+D\n", " a\n+x\n", "-c\n") == "a\nx\nb\nD\n"


def test_hunks_are_anchored_in_the_original() -> None:
    assert "hunk 2 of main.tf does not match" in refusal("a\nb\n", "-a\n+c\n", "-c\n+d\n")


def test_hunks_that_touch_without_overlap_both_apply() -> None:
    assert applied("a\nb\n", "-b\n+B\n", "-a\n+A\n") == "A\nB\n"


def test_overlapping_hunks_are_refused() -> None:
    message = refusal("a\nb\nc\n", " b\n-c\n", " a\n+x\n b\n")
    assert "hunks 2 and 1 of main.tf overlap at line 2" in message


def test_all_or_nothing() -> None:
    assert "hunk 2 of main.tf does not match" in refusal("a\nb\n", "-a\n+A\n", "-z\n+Z\n")


def test_a_hunk_of_added_lines_alone_has_no_place() -> None:
    assert "only added lines" in refusal("a\n", "+b\n")
    assert "only added lines" in refusal("", "+b\n")


def test_no_place_is_found_in_an_empty_file() -> None:
    assert "does not match" in refusal("", " \n+b\n")


@pytest.mark.parametrize("line", ["a ", " a", "A", "a\t", "ab", ""])
def test_nothing_but_the_exact_line_matches(line: str) -> None:
    assert "does not match" in refusal("a\nb\n", f"-{line}\n+x\n c\n")
    assert "does not match" in refusal("a\nb\n", f"-{line}\n+x\n b\n")


@pytest.mark.parametrize(
    ("before", "hunk", "after"),
    [
        pytest.param("a  \nb\n", " a\n-b\n+c\n", "a  \nc\n", id="trimmed"),
        pytest.param("a\nb\n", " a  \n-b\n+c\n", "a\nc\n", id="longer"),
        pytest.param("    a\nb\n", " \ta\n-b\n+c\n", "    a\nc\n", id="a tab for spaces"),
        pytest.param("\ta\nb\n", "     a\n-b\n+c\n", "\ta\nc\n", id="spaces for a tab"),
    ],
)
def test_white_space_that_does_not_show_is_left_as_the_file_has_it(before: str, hunk: str, after: str) -> None:
    assert applied(before, hunk) == after


@pytest.mark.parametrize(
    ("before", "hunk"),
    [
        pytest.param("a \nb\na\t\nb\n", " a\n-b\n+c\n", id="two places"),
        pytest.param("a\n  b\n", " a\n-\tb\n+c\n", id="a line that goes"),
        pytest.param("  a\nb\n", "     a\n-b\n+c\n", id="other spaces"),
        pytest.param("a b\nb\n", " ab\n-b\n+c\n", id="white space where none is"),
    ],
)
def test_white_space_that_is_not_certain_is_refused(before: str, hunk: str) -> None:
    assert "does not match" in refusal(before, hunk)


def test_a_line_is_never_matched_in_part() -> None:
    assert "does not match" in refusal("xab\n", "-ab\n+c\n")
    assert "does not match" in refusal("abx\n", "-ab\n+c\n")


def test_the_whole_file_can_go() -> None:
    assert applied("a\nb\n", "-a\n-b\n") == ""


def test_two_places_are_named_with_what_to_do() -> None:
    message = refusal(FILE, "-  acl  = public\n+  acl  = private\n")
    assert "hunk 1 of main.tf matches more than once, at lines 3, 8" in message
    assert "add more lines of context" in message


def test_overlapping_places_count_too() -> None:
    assert "at lines 1, 2" in refusal("x\nx\nx\n", " x\n x\n+y\n")


def test_very_many_places_are_cut_short() -> None:
    message = refusal("x\n" * 5000, "-x\n")
    assert f", {MAX_LISTED_PLACES} and more" in message
    assert f"{MAX_LISTED_PLACES + 1}" not in message


def span_of(text: str, part: str) -> tuple[int, int]:
    start = text.encode().index(part.encode())
    return start, start + len(part.encode())


@pytest.mark.parametrize("name", ["a", "b"])
def test_the_block_at_fault_decides_between_places(name: str) -> None:
    file = "# é\n" + FILE
    block = BLOCK.format(name)
    change = patch("-  acl  = public\n+  acl  = private\n }\n")
    after = apply_patch(file.encode(), change, within=span_of(file, block))
    assert after.decode() == file.replace(block, block.replace("public", "private"))


def test_the_span_may_end_before_the_last_newline() -> None:
    start, end = span_of(FILE, BLOCK.format("b"))
    after = apply_patch(FILE.encode(), patch("-  acl  = public\n+  acl  = private\n }\n"), within=(start, end - 1))
    assert after.decode().endswith("private\n}\n")
    assert after.count(b"public") == 1


def test_a_hunk_that_leaves_the_block_is_not_inside_it() -> None:
    file = f"{BLOCK.format('a')}\n" * 2 + "x\n"
    hunk = "   acl  = public\n }\n+y\n \n"
    message = refusal(file, hunk, within=span_of(file, BLOCK.format("a")))
    assert "at lines 3, 8, and wholly inside the block at fault (lines 1 to 4) nowhere" in message


def test_two_places_inside_the_block_are_refused() -> None:
    message = refusal("x\nx\ny\nx\n", "-x\n", within=(0, 5))
    assert "at lines 1, 2, 4, and wholly inside the block at fault (lines 1 to 3) at lines 1, 2" in message


def test_a_hunk_that_is_unique_in_the_file_may_stand_outside_the_block() -> None:
    assert apply_patch(b"a\nb\n", patch("-b\n+c\n"), within=(0, 1)) == b"a\nc\n"


@pytest.mark.parametrize("within", [(-1, 2), (2, 2), (3, 2), (0, 5)])
def test_a_span_outside_the_file_is_a_mistake_of_the_caller(within: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not inside a file of 4 bytes"):
        apply_patch(b"a\nb\n", patch("-b\n+c\n"), within=within)


def test_a_file_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(PatchError, match=r"main\.tf is not UTF-8 \(byte 2\)"):
        apply_patch(b"a\n\xff\n", patch("-a\n+b\n"))


def test_text_that_is_not_unicode_is_refused() -> None:
    hunk = Hunk((HunkLine(LineKind.REMOVED, "a"), HunkLine(LineKind.ADDED, "\ud800")))
    with pytest.raises(PatchError, match="not valid Unicode"):
        apply_patch(b"a\n", FilePatch("main.tf", (hunk,)))


def test_a_long_file_of_few_words_is_searched_in_one_go() -> None:
    lines = ["}", "", "  a = 1"] * 100_000
    lines[150_000] = "  b = 2"
    before = "\n".join(lines) + "\n"
    after = applied(before, " }\n \n   a = 1\n-  b = 2\n+  b = 3\n \n   a = 1\n")
    assert after == before.replace("b = 2", "b = 3")
