import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import IacfixError, ModelRejectedError, PatchError
from iacfix.domain.proposal import Usage
from iacfix.generation.model.answer import LONGEST_EXPLANATION, Answer, read_answer
from iacfix.ports import ModelReply, StopReason

DIFF = "--- a/m.tf\n+++ b/m.tf\n@@ -1 +1 @@\n-a = 1\n+a = 2\n"


def read(text: str, stop: StopReason = StopReason.END) -> Answer:
    return read_answer(ModelReply(text, stop, Usage()))


@pytest.mark.parametrize(
    "text",
    [
        f"```diff\n{DIFF}```",
        f"```diff\n{DIFF}```\n",
        f"```diff \r\n{DIFF}```\r\n",
        f"```diff\n{DIFF}",
    ],
)
def test_the_diff_is_what_stands_in_the_fence(text: str) -> None:
    assert read(text) == Answer(DIFF, "")


def test_what_stands_around_the_fence_is_prose() -> None:
    assert read(f"It sets a.\n\n```diff\n{DIFF}```\nDone.") == Answer(DIFF, "It sets a.\n\n\n\nDone.")


def test_back_ticks_inside_the_diff_do_not_end_it() -> None:
    diff = DIFF + " ```\n+```\n"

    assert read(f"```diff\n{diff}```").diff == diff


@pytest.mark.parametrize("text", [DIFF, "no idea", f"```diff\n{DIFF}```\n```diff\n{DIFF}```", f"```hcl\n{DIFF}```"])
def test_anything_else_is_left_to_the_parse_stage(text: str) -> None:
    assert read(text) == Answer(text, "")


def test_prose_is_safe_to_show() -> None:
    prose = read(f"key AKIAIOSFODNN7EXAMPLE, IACFIX_SECRET_4, \x1b[31mred\u202e\n```diff\n{DIFF}```").prose

    assert prose == "key [redacted], [redacted], [31mred"
    assert len(read("x " * 9_000 + f"\n```diff\n{DIFF}```").prose) == LONGEST_EXPLANATION


@pytest.mark.parametrize(
    ("text", "stop", "error", "said"),
    [
        (f"```diff\n{DIFF}```", StopReason.MAX_TOKENS, PatchError, "cut off"),
        (f"```diff\n{DIFF}```", StopReason.OTHER, PatchError, "before it was whole"),
        ("I cannot", StopReason.REFUSED, ModelRejectedError, "declined"),
        ("", StopReason.REFUSED, ModelRejectedError, "declined"),
        ("", StopReason.END, PatchError, "empty"),
        (" \n", StopReason.END, PatchError, "empty"),
    ],
)
def test_what_is_not_a_whole_answer_is_refused(
    text: str, stop: StopReason, error: type[IacfixError], said: str
) -> None:
    with pytest.raises(error, match=said):
        read(text, stop)


@given(st.lists(st.sampled_from(["```diff\n", "```\n", "```", "\n", " a", "+b\n", "diff"]), min_size=1).map("".join))
def test_no_text_is_lost_or_made_up(text: str) -> None:
    if text.strip():
        assert read(text).diff in text
