import pytest

from iacfix.iac.cloudformation.nodes import Alias, Mapping, Scalar, mapping_of, target, walk
from iacfix.iac.cloudformation.syntax import parse


def root(text: str) -> Mapping:
    found = parse(text.encode())
    assert isinstance(found, Mapping)
    return found


MERGED = """base: &base {a: 1, b: 2}
more: &more
  <<: *base
  c: 3
  a: own
list:
  <<: [*more, {d: 4, c: late}]
  e: 5
quoted:
  "<<": *base
"""


def test_a_merge_key_brings_in_what_is_not_written() -> None:
    document = root(MERGED)
    more, merged = mapping_of(document.get("more")), mapping_of(document.get("list"))
    assert more is not None
    assert merged is not None
    assert [entry.name for entry in more.effective()] == ["c", "a", "b"]
    assert [entry.name for entry in merged.effective()] == ["e", "c", "a", "b", "d"]
    found = merged.get("c")
    assert isinstance(found, Scalar)
    assert found.text == "3"
    assert merged.entry("c") is None


def test_a_quoted_merge_key_is_a_key() -> None:
    quoted = mapping_of(root(MERGED).get("quoted"))
    assert quoted is not None
    assert [entry.name for entry in quoted.effective()] == ["<<"]


def test_aliases_are_followed_where_asked() -> None:
    document = root("a: &x {b: 1}\nc: *x\n")
    alias = document.entries[1].value
    assert isinstance(alias, Alias)
    assert target(alias) is document.get("c") is document.get("a")
    assert mapping_of(alias) is document.get("a")
    assert mapping_of(None) is None
    assert [node for node in walk(document) if isinstance(node, Scalar) and node.text == "b"] != []


@pytest.mark.parametrize("text", ["a: 1\nb: 2", "{a: 1, b: 2}"])
def test_an_entry_ends_with_its_value(text: str) -> None:
    document = root(text)
    assert text[document.entries[0].start : document.entries[0].end] == "a: 1"
    empty = root("a:\nb: 1").entries[0]
    assert "a:\nb: 1"[empty.start : empty.end] == "a:"
