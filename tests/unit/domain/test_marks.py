import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.marks import (
    comment_key_in,
    comment_marker,
    content_hash,
    facts_in,
    facts_marker,
    key_in,
    marker,
    trailer,
    trailers_in,
)
from iacfix.domain.proposal import Edit

KEYS = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(KEYS, st.text(), st.text())
def test_a_marker_is_found_again_whatever_follows_it(key: str, title: str, text: str) -> None:
    assert key_in(f"{marker(key)}\n{title}\n{text}") == key
    assert key_in(f"---\r\nfront: matter\r\n---\r\n{marker(key)}\r\n{text}") == key


@given(KEYS)
def test_what_is_not_a_line_of_its_own_is_no_marker(key: str) -> None:
    for text in (f" {marker(key)}", f"+{marker(key)}", f"`{marker(key)}`", marker(key)[:-1], marker(key).upper(), key):
        assert key_in(text) is None


def test_the_first_marker_counts() -> None:
    assert key_in(f"{marker('a' * 64)}\n\n{marker('b' * 64)}") == "a" * 64


def test_the_trailer_is_one_line() -> None:
    assert trailer("a" * 64) == f"Iacfix-Key: {'a' * 64}"


@pytest.mark.parametrize("key", ["", "abc", "A" * 64, "a" * 63 + "\n", "a" * 65, "-->" + "a" * 61])
def test_what_is_no_key_is_not_written(key: str) -> None:
    for write in (marker, trailer):
        with pytest.raises(ValueError, match="64 hexadecimal digits"):
            write(key)


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=40), max_size=4))
def test_facts_come_back_and_never_end_their_marker(facts: dict[str, str]) -> None:
    marked = facts_marker(facts)
    assert marked.count("-->") == 1
    assert "\n" not in marked
    assert facts_in(f"a\n{marked}\nb") == facts


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": 1}', '{"a":' + "[" * 3000])
def test_facts_that_cannot_be_read_are_none(text: str) -> None:
    assert facts_in(f"<!-- iacfix:facts={text} -->") == {}


def test_the_content_is_what_is_there_afterwards() -> None:
    edits = [Edit("a.tf", b"1", b"2"), Edit("b.tf", b"", b"3")]
    assert content_hash(edits) == content_hash(reversed([Edit("a.tf", b"0", b"2"), Edit("b.tf", b"", b"3")]))
    assert content_hash(edits) != content_hash(edits[:1])


def test_only_trailers_of_ours_in_the_last_paragraph_count() -> None:
    key, content = "a" * 64, "b" * 64
    message = f"Subject\n\nIacfix-Key: {'c' * 64}\n\nSigned-off-by: x\n{trailer(key, content)}\n"
    assert trailers_in(message) == {"Iacfix-Key": key, "Iacfix-Content": content}
    assert trailers_in(f"Subject\n\nIacfix-Key: {key[1:]}\n") == {}


def test_a_comment_of_ours_begins_with_its_marker() -> None:
    assert comment_key_in(f"{comment_marker('hands-off')}\nText") == "hands-off"
    assert comment_key_in(f"Text\n{comment_marker('hands-off')}") == ""
    with pytest.raises(ValueError, match="hyphens"):
        comment_marker("--> x")
