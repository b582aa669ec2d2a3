from collections import Counter
from collections.abc import Callable

from hypothesis import assume, example, given
from hypothesis import strategies as st

from iacfix.domain.errors import PatchError
from iacfix.domain.proposal import Edit
from iacfix.patches import FilePatch, Hunk, HunkLine, LineKind, apply_patch, count_changed_lines, read_diff, render_diff

WORDS = ["", " ", "a", "b", "\t", "}", "-- x", "++ y", "@@ z", "--", "\\ q", "diff --git a/x b/x", "é", "```", "a\rb"]
words = st.sampled_from(WORDS)
endings = st.sampled_from(["\n", "\n", "\r\n"])
marks = st.sampled_from(["", "", "\ufeff"])


@st.composite
def files(draw: st.DrawFn) -> str:
    """Any mix of endings, with or without a last newline or a mark, many lines more than once."""
    lines = draw(st.lists(st.tuples(words, endings), max_size=25))
    text = "".join(word + ending for word, ending in lines)
    return draw(marks) + (text.removesuffix("\n").removesuffix("\r") if draw(st.booleans()) else text)


@st.composite
def edits_of_unique_lines(draw: st.DrawFn) -> tuple[str, str]:
    """A file whose lines all differ, and the same with some lines changed, removed, added or given another ending."""
    numbers = draw(st.lists(st.integers(0, 999), unique=True, min_size=1, max_size=30))
    lines = [f"{number}{draw(words)}{draw(endings)}" for number in numbers]
    after: list[str] = []
    for line in lines:
        what = draw(st.sampled_from(["keep"] * 6 + ["drop", "add", "ending", "change"]))
        if what == "add":
            after.append(draw(words) + draw(endings))
        if what == "change":
            after.append("new " + line)
        elif what == "ending":
            after.append(line.rstrip("\r\n") + draw(endings))
        elif what != "drop":
            after.append(line)
    cut = ["\r\n" if draw(st.booleans()) else "" for _ in range(2)]
    before_text = "".join(lines).rstrip(cut[0])
    after_text = "".join(after).rstrip(cut[1])
    return draw(marks) + before_text, draw(marks) + after_text


def has_b(line: str) -> bool:
    return "b" in line


def through_a_diff(before: bytes, after: bytes, is_sensitive: Callable[[str], bool] | None = None) -> bytes:
    diff = render_diff([Edit("x/main.tf", before, after)], is_sensitive=is_sensitive)
    (patch,) = read_diff(diff)
    assert patch.path == "x/main.tf"
    return apply_patch(before, patch)


@given(files(), files())
@example("\ufeff", "\ufeffa")
@example("a\n\n", "a\n")
def test_a_rendered_diff_gives_the_same_bytes_or_is_refused(before: str, after: str) -> None:
    assume(before != after)
    try:
        got = through_a_diff(before.encode(), after.encode())
    except PatchError as error:
        assert "more than once" in str(error) or "only added lines" in str(error)  # noqa: PT017 - either ending is right
    else:
        assert got == after.encode()


@given(edits_of_unique_lines(), st.sampled_from([None, has_b]))
def test_where_lines_are_unique_the_bytes_are_always_the_same(
    pair: tuple[str, str], is_sensitive: Callable[[str], bool] | None
) -> None:
    before, after = (text.encode() for text in pair)
    assume(before != after)
    assert through_a_diff(before, after, is_sensitive) == after


@given(files(), files())
def test_the_count_is_that_of_the_diff(before: str, after: str) -> None:
    edit = Edit("x", before.encode(), after.encode())
    diff = render_diff([edit])
    patches = read_diff(diff) if diff else ()
    shown = Counter(line.kind for patch in patches for hunk in patch.hunks for line in hunk.lines)
    assert count_changed_lines([edit]) == shown[LineKind.ADDED] + shown[LineKind.REMOVED]


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), min_size=1, max_size=4))
def test_a_hunk_lands_in_its_only_place_or_nowhere(lines: list[str], wanted: list[str]) -> None:
    before = "".join(f"{line}\n" for line in lines).encode()
    hunk = Hunk((*(HunkLine(LineKind.CONTEXT, text) for text in wanted), HunkLine(LineKind.ADDED, "NEW")))
    places = [at for at in range(len(lines)) if lines[at : at + len(wanted)] == wanted]
    try:
        after = apply_patch(before, FilePatch("x", (hunk,)))
    except PatchError:
        assert len(places) != 1
    else:
        (place,) = places
        assert after.decode().split() == [*lines[: place + len(wanted)], "NEW", *lines[place + len(wanted) :]]


@given(st.integers(0, 5), st.integers(2, 5), st.sampled_from(["\n", "\r\n"]))
def test_of_repeated_blocks_only_the_one_asked_for_changes(chosen: int, count: int, ending: str) -> None:
    chosen %= count
    block = f"é {{{ending}  acl = public{ending}}}{ending}".encode()
    (patch,) = read_diff("--- a/x\n+++ b/x\n@@\n é {\n-  acl = public\n+  acl = private\n")
    start = chosen * len(block)
    after = apply_patch(block * count, patch, within=(start, start + len(block)))
    changed = block.replace(b"public", b"private")
    assert after == block * chosen + changed + block * (count - chosen - 1)


@given(st.text(alphabet=st.sampled_from('ab+-@ \\\n\r`~/\t."'), max_size=200))
def test_no_text_makes_the_reader_fail_but_with_its_own_error(noise: str) -> None:
    for text in (noise, f"--- a/x\n+++ b/x\n@@\n{noise}", f"diff --git a/x b/x\n{noise}"):
        try:
            patches = read_diff(text)
        except PatchError as error:
            assert error.remedy  # noqa: PT017 - either ending is right
        else:
            assert all(patch.path and patch.hunks for patch in patches)
