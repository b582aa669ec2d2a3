import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import InputError
from iacfix.triage.tags import Answer, TagCondition, like, mark, pattern

SHORT = st.text("aB*? ", max_size=8)


@given(SHORT, SHORT)
def test_only_the_star_is_special(wanted: str, text: str) -> None:
    expression = ".*".join(map(re.escape, wanted.strip().casefold().split("*")))
    assert like(wanted, text) == (re.fullmatch(expression, text.strip().casefold()) is not None)


@pytest.mark.parametrize("text", ["", "a", "=a", "a=", "a=b,", "a=b,A=c", "*=b", "a=b,,c=d"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        pattern(text)


def test_a_tag_that_contradicts_itself_is_told() -> None:
    condition = TagCondition("Team", "plat*")
    assert condition.asked([("TEAM", "Platform")]) is Answer.YES
    assert condition.asked([("TEAM", "Platform"), ("team", "platform ")]) is Answer.YES
    assert condition.asked([("Team", "platform"), ("team", "other")]) is Answer.CONTRADICTED
    assert condition.asked([("Teams", "platform")]) is Answer.NO


def test_a_mark_is_one_condition() -> None:
    assert mark("keep out") == TagCondition("keep out", "*")
    assert mark("a = b") == TagCondition("a", "b")
    with pytest.raises(InputError, match="more than one"):
        mark("a=b,c=d")
