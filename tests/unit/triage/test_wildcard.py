import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.triage.wildcard import matches

few = st.text("ab*[", max_size=8)


@given(few, few)
def test_only_the_asterisk_is_special(pattern: str, text: str) -> None:
    wanted = ".*".join(re.escape(part) for part in pattern.split("*"))
    assert matches(pattern, text) is (re.fullmatch(wanted, text, re.DOTALL) is not None)


@pytest.mark.parametrize(("pattern", "text"), [("a*a", "a"), ("ab*ba", "aba"), ("*a*a*", "a")])
def test_what_stands_before_and_after_does_not_overlap(pattern: str, text: str) -> None:
    assert not matches(pattern, text)


def test_many_asterisks_take_no_time_to_speak_of() -> None:
    assert not matches("*a" * 500 + "b", "a" * 10_000)
