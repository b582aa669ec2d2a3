import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from iacfix.patches.line_diff import MAX_COMPARED_PAIRS, Change, changes_between

lines = st.lists(st.sampled_from("abcdef"), max_size=20)


@given(lines, lines)
def test_the_changes_turn_one_text_into_the_other(old: list[str], new: list[str]) -> None:
    changes = changes_between(old, new)
    made: list[str] = []
    at = 0
    for change in changes:
        made += old[at : change.old_start] + new[change.new_start : change.new_end]
        assert change.old_end > change.old_start or change.new_end > change.new_start
        at = change.old_end
    assert made + old[at:] == new
    assert all(one.old_end < other.old_start for one, other in pairwise(changes))


def test_equal_texts_have_no_change() -> None:
    assert changes_between(["a", "b"], ["a", "b"]) == []


def test_one_line_is_one_change() -> None:
    assert changes_between(list("abcabc"), list("abxabc")) == [Change(2, 3, 2, 3)]


def test_far_changes_in_a_long_file_stay_small() -> None:
    old = [f"line {number}" if number % 3 else "}" for number in range(30_000)]
    new = ["first", *old[:15_000], "middle", *old[15_001:], "last"]
    assert changes_between(old, new) == [
        Change(0, 0, 0, 1),
        Change(15_000, 15_001, 15_001, 15_002),
        Change(30_000, 30_000, 30_001, 30_002),
    ]


def test_a_long_stretch_of_repeated_lines_is_replaced_whole() -> None:
    shuffle = random.Random(1)  # noqa: S311 - not for cryptography: a fixed shuffle
    size = int(MAX_COMPARED_PAIRS**0.5) + 1
    middle = ["x", "x", "y", "y"] * (size // 4 + 1)
    old, new = middle[:], middle[:]
    shuffle.shuffle(old)
    shuffle.shuffle(new)
    old, new = ["1", *old, "2"], ["3", *new, "4"]
    assert changes_between(old, new) == [Change(0, len(old), 0, len(new))]
