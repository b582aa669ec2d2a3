import pytest
from unidiff.patch import PatchSet

from iacfix.domain.errors import PatchError
from iacfix.domain.proposal import Edit
from iacfix.patches import apply_patch, count_changed_lines, read_diff, render_diff

NUMBERED = [f"{number}\n" for number in range(1, 31)]


def edit(before: str, after: str, path: str = "main.tf") -> Edit:
    return Edit(path, before.encode(), after.encode())


def without(*numbers: int, file: list[str] = NUMBERED) -> str:
    return "".join(line for line in file if int(line) not in numbers)


def hunks(diff: str) -> list[str]:
    return diff.split("\n@@ ")[1:]


def test_one_changed_line() -> None:
    before = "".join(NUMBERED)
    assert render_diff([edit(before, before.replace("\n15\n", "\nnew\n"), "modules/s3/main.tf")]) == (
        "diff --git a/modules/s3/main.tf b/modules/s3/main.tf\n"
        "--- a/modules/s3/main.tf\n"
        "+++ b/modules/s3/main.tf\n"
        "@@ -12,7 +12,7 @@\n"
        " 12\n 13\n 14\n-15\n+new\n 16\n 17\n 18\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "body"),
    [
        ("a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n"),
        ("a\n", "", "@@ -1 +0,0 @@\n-a\n"),
        ("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"),
        ("a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"),
        ("a", "a\nb", "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n"),
        ("a\nb", "x\nb", "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n"),
        ("a\r\nb\n", "a\nb\n", "@@ -1,2 +1,2 @@\n-a\r\n+a\n b\n"),
        ("a\x0bb\u2028c\rd\n", "x\n", "@@ -1 +1 @@\n-a\x0bb\u2028c\rd\n+x\n"),
    ],
)
def test_counts_and_endings(before: str, after: str, body: str) -> None:
    assert render_diff([edit(before, after)]) == f"diff --git a/main.tf b/main.tf\n--- a/main.tf\n+++ b/main.tf\n{body}"


def test_nothing_changed_is_nothing() -> None:
    assert render_diff([]) == ""
    assert render_diff([edit("a\n", "a\n")]) == ""


def test_changes_share_a_hunk_up_to_six_lines_apart() -> None:
    before = "".join(NUMBERED)
    assert len(hunks(render_diff([edit(before, without(10, 17))]))) == 1
    assert len(hunks(render_diff([edit(before, without(10, 18))]))) == 2


def test_an_independent_reader_sees_the_same() -> None:
    before = "".join(NUMBERED)
    after = without(3, 29).replace("\n15\n", "\nfifteen\nand more\n")
    edits = [edit(before, after, "a.tf"), edit("x\n", "x\n", "same.tf"), edit("x\n", "y\n", "b.tf")]
    patch = PatchSet(render_diff(edits))
    assert [(file.path, len(file), file.added, file.removed) for file in patch] == [
        ("a.tf", 3, 2, 3),
        ("b.tf", 1, 1, 1),
    ]
    assert count_changed_lines(edits) == 7


def test_changed_lines_of_nothing() -> None:
    assert count_changed_lines([edit("a\n", "a\n")]) == 0


@pytest.mark.parametrize("sensitive", [12, 13, 14, 16, 17, 18])
def test_context_stops_before_a_sensitive_line(sensitive: int) -> None:
    before = "".join(NUMBERED)
    diff = render_diff([edit(before, without(15))], is_sensitive=lambda line: line == str(sensitive))
    above = [number for number in range(12, 15) if number > sensitive or sensitive > 15]
    below = [number for number in range(16, 19) if number < sensitive or sensitive < 15] or [16]
    shown = [*(f" {number}" for number in above), "-15", *(f" {number}" for number in below)]
    assert hunks(diff)[0].splitlines()[1:] == shown


def test_a_sensitive_line_between_two_changes_splits_the_hunk() -> None:
    before = "".join(NUMBERED)
    diff = render_diff([edit(before, without(10, 14))], is_sensitive=lambda line: line == "12")
    first, second = hunks(diff)
    assert first == "-7,5 +7,4 @@\n 7\n 8\n 9\n-10\n 11"
    assert second == "-13,5 +12,4 @@\n 13\n-14\n 15\n 16\n 17\n"


def test_a_single_sensitive_line_between_two_changes_is_their_anchor() -> None:
    before = "".join(NUMBERED)
    diff = render_diff([edit(before, without(10, 12))], is_sensitive=lambda line: line == "11")
    assert len(hunks(diff)) == 1


def test_lines_added_at_the_end_keep_something_to_hold_on_to() -> None:
    before, after = b"a\nsecret\n", b"a\nsecret\nb\n"
    diff = render_diff([Edit("x", before, after)], is_sensitive=lambda line: line == "secret")
    assert hunks(diff) == ["-2 +2,2 @@\n secret\n+b\n"]
    assert apply_patch(before, read_diff(diff)[0]) == after


def test_sensitive_lines_are_asked_for_without_their_ending() -> None:
    asked: list[str] = []

    def is_sensitive(line: str) -> bool:
        asked.append(line)
        return False

    render_diff([edit("a\r\nb\nc", "a\r\nx\nc")], is_sensitive=is_sensitive)
    assert sorted(asked) == ["a", "c"]


@pytest.mark.parametrize("side", ["before", "after"])
def test_what_is_not_utf8_is_refused(side: str) -> None:
    contents = {"before": b"a", "after": b"b"} | {side: b"\xff"}
    with pytest.raises(PatchError, match=r"main\.tf is not UTF-8"):
        render_diff([Edit("main.tf", **contents)])
