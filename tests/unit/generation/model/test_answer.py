import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.control import Risk
from iacfix.domain.errors import IacfixError, ModelRejectedError, PatchError
from iacfix.domain.proposal import Usage
from iacfix.generation.context import HeldBackError, UnusableAnswerError
from iacfix.generation.model.answer import (
    FORM,
    LONGEST_ASSUMPTION,
    LONGEST_EXPLANATION,
    MOST_ASSUMPTIONS,
    Answer,
    read_answer,
)
from iacfix.ports import FilledForm, ModelReply, StopReason

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
        ("", StopReason.GUARDRAIL, HeldBackError, "guardrail"),
        (f"```diff\n{DIFF}```", StopReason.FORM, UnusableAnswerError, "calls no tool"),
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


FILLED: dict[str, object] = {
    "diff": DIFF,
    "explanation": "It sets a.",
    "assumptions": ["nobody reads a"],
    "breaking_change_risk": "moderate",
}


def filled(content: object, name: str = FORM.name, stop: StopReason = StopReason.FORM) -> Answer:
    return read_answer(ModelReply("", stop, Usage(), (FilledForm(name, content),)))


def test_a_form_is_read_member_by_member() -> None:
    expected = Answer(DIFF, "It sets a.", ("nobody reads a",), Risk.MODERATE)

    assert filled(FILLED) == expected
    assert filled(FILLED, stop=StopReason.END) == expected


def test_a_fence_within_a_form_is_read_as_one_in_text() -> None:
    assert filled({**FILLED, "diff": f"Here:\n```diff\n{DIFF}```\n"}).diff == DIFF


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no object"),
        ("text", "no object"),
        ([FILLED], "no object"),
        ({}, "lacks assumptions, breaking_change_risk, diff, explanation"),
        ({name: value for name, value in FILLED.items() if name != "diff"}, "lacks diff"),
        ({**FILLED, "branch": "main"}, "members too many: 'branch'"),
        (dict[object, object]({**FILLED}) | {3: "x"}, "members too many: '3'"),
        ({**FILLED, "diff": [DIFF]}, "diff is no text"),
        ({**FILLED, "diff": None}, "diff is no text"),
        ({**FILLED, "diff": " \n"}, "diff is empty"),
        ({**FILLED, "explanation": {"a": 1}}, "explanation is no text"),
        ({**FILLED, "assumptions": "none"}, "assumptions are no list"),
        ({**FILLED, "assumptions": [1]}, "assumptions are no list"),
        ({**FILLED, "breaking_change_risk": "none"}, "breaking_change_risk is no level"),
        ({**FILLED, "breaking_change_risk": True}, "breaking_change_risk is no text"),
    ],
)
def test_a_form_that_breaks_its_schema_is_refused(content: object, said: str) -> None:
    with pytest.raises(UnusableAnswerError, match=said):
        filled(content)


def test_another_form_or_several_are_refused() -> None:
    with pytest.raises(UnusableAnswerError, match="calls 'shell', 1 in all"):
        filled(FILLED, name="shell")
    two = (FilledForm(FORM.name, FILLED),) * 2
    with pytest.raises(UnusableAnswerError, match="2 in all"):
        read_answer(ModelReply("", StopReason.FORM, Usage(), two))


def test_what_a_form_says_is_safe_to_show_and_short() -> None:
    said = ["key AKIAIOSFODNN7EXAMPLE \u202e\x1b[31m", "IACFIX_SECRET_1", " ", *["y" * 900] * 20]
    answer = filled({**FILLED, "assumptions": said, "explanation": "z" * 9_000})

    assert answer.assumptions[:2] == ("key [redacted] [31m", "[redacted]")
    assert len(answer.assumptions) == MOST_ASSUMPTIONS
    assert {len(each) for each in answer.assumptions[2:]} == {LONGEST_ASSUMPTION}
    assert len(answer.prose) == LONGEST_EXPLANATION


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FILLED, "x"]), inner, max_size=5),
    max_leaves=9,
)


@given(JSON)
def test_whatever_a_model_fills_in_is_an_answer_or_refused(content: object) -> None:
    with contextlib.suppress(UnusableAnswerError):
        assert filled(content).diff.strip()
