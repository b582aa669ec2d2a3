import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.nodes import Alias, Mapping, Scalar, Sequence, walk
from iacfix.iac.cloudformation.syntax import MAX_DEPTH, parse
from iacfix.iac.cloudformation.values import read_value
from iacfix.iac.values import Known, ListValue, ObjectValue, Value


def root(text: str) -> Mapping:
    found = parse(text.encode())
    assert isinstance(found, Mapping)
    return found


def span(text: str, key: str) -> str:
    """The exact text of a value."""
    entry = root(text).entry(key)
    assert entry is not None
    return text.encode()[entry.value.start : entry.value.end].decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: x # c\n", "x"),
        ("a: 'x y'\n", "'x y'"),
        ("a: !Ref x\n", "!Ref x"),
        ("a: &n !Ref x\n", "&n !Ref x"),
        ("a: [1, {b: 2}] # c\n", "[1, {b: 2}]"),
        ("a:\n  b: 1 # c\n  c: 2 # d\n\n# e\nz: 1\n", "b: 1 # c\n  c: 2"),
        ("a:\n- 1\n- 2\n# c\nz: 1\n", "- 1\n- 2"),
        ("a: !Join\n  - ','\n  - [b]\n\nz: 1\n", "!Join\n  - ','\n  - [b]"),
        ("a: |\n  one\n\n  two\n\n\nz: 1\n", "|\n  one\n\n  two"),
        ("a: |+\n  one\n\n\nz: 1\n", "|+\n  one\n\n"),
        ("a: >-\n  one\n  two\nz: 1", ">-\n  one\n  two"),
        ("a: one\n  two\nz: 1", "one\n  two"),
        ("a:\nz: 1\n", ""),
        ("a: é\u4e2d\U0001f600 # c\n", "é\u4e2d\U0001f600"),
        ("\ufeffa: é\r\n", "é"),
        ('{"a"\t:\t"x"\t}', '"x"'),
    ],
)
def test_a_value_has_its_exact_span(text: str, expected: str) -> None:
    assert span(text, "a") == expected


def test_keys_and_lines_are_known() -> None:
    found = root("# head\r\na:\r\n  'b': 1\r\n  c : 2\r\n")
    inner = found.entries[0].value
    assert isinstance(inner, Mapping)
    assert [(entry.name, entry.key.line, entry.key.style) for entry in inner.entries] == [("b", 3, "'"), ("c", 4, "")]
    assert [entry.colon - entry.key.end for entry in inner.entries] == [1, 2]


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        (b"", 1, "empty"),
        (b"# only\n", 1, "empty"),
        (b"a: 1\nb: [\n", 3, "does not parse"),
        (b"a: 1\n\tb: 2\n", 2, "does not parse"),
        (b"a: 1\n---\nb: 2\n", 2, "more than one YAML document"),
        (b"a: *x\n", 1, "no anchor"),
        (b"a: &x\n  b: *x\n", 2, "refers to what it stands in"),
        (b"? [a]\n: 1\n", 1, "not plain text"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: \x07\n", 0, "characters that YAML does not allow"),
        (b"%YAML 9.9\n---\na: 1\n", 1, "does not parse"),
    ],
)
def test_what_is_no_document_is_refused_with_its_line(data: bytes, line: int, what: str) -> None:
    with pytest.raises(DocumentError, match=what) as error:
        parse(data)
    assert error.value.line == line


def test_an_escaped_surrogate_pair_is_refused_with_what_to_do() -> None:
    with pytest.raises(DocumentError, match="write the character itself"):
        parse(b'{"a": "\\ud83d\\ude00"}')


@pytest.mark.parametrize("data", [b"[" * 500 + b"]" * 500, b"{a: " * 500 + b"}" * 500, b"- " * 500 + b"a\n"])
def test_deep_nesting_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError, match=f"deeper than {MAX_DEPTH}"):
        parse(data)


def test_aliases_that_stand_for_billions_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 12)]
    with pytest.raises(DocumentError, match="too large"):
        parse("\n".join(lines).encode())
    chain = ["a0: &a0 [x]", *(f"a{level}: &a{level} [*a{level - 1}]" for level in range(1, 120))]
    with pytest.raises(DocumentError, match="too large"):
        parse("\n".join(chain).encode())


def test_an_alias_keeps_its_target() -> None:
    found = root("a: &x {b: 1}\nc: *x\n")
    alias = found.entries[1].value
    assert isinstance(alias, Alias)
    assert alias.target is found.entries[0].value
    assert alias.name == "x"


def test_a_megabyte_is_read() -> None:
    text = "".join(f"key{at}:\n  name: 'value {at}'\n  list: [1, 2, !Ref x]\n" for at in range(20_000))
    assert len(text) > 1_000_000
    assert len(root(text).entries) == 20_000


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        node = parse(data)
    except DocumentError:
        return
    for each in walk(node):
        assert 0 <= each.start <= each.end <= len(data)


@given(st.text(alphabet="ab:-[]{},#&*!|>'\"?%@ \n\r\t~é", max_size=40))
def test_any_yaml_like_text_is_read_or_refused(text: str) -> None:
    try:
        node = parse(text.encode())
    except DocumentError:
        return
    for each in walk(node):
        if isinstance(each, Sequence | Mapping):
            parts = each.items if isinstance(each, Sequence) else each.entries
            assert all(each.start <= part.start and part.end <= each.end for part in parts)


plain = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.text(st.characters(codec="ascii"), max_size=8)
)
trees = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner)
)


def written(data: object) -> Value:
    if isinstance(data, list):
        return ListValue(tuple(map(written, data)))
    if isinstance(data, dict):
        return ObjectValue(tuple((key, written(item)) for key, item in data.items()))
    assert data is None or isinstance(data, str | int)
    return Known(data)


@given(trees, st.sampled_from([None, 2, "\t"]))
def test_json_reads_as_json_reads_it(data: object, indent: str | int | None) -> None:
    text = json.dumps(data, indent=indent)
    if "\x7f" in text:
        return
    assert repr(read_value(parse(text.encode()))) == repr(written(data))


def test_nodes_come_in_the_order_of_the_text() -> None:
    found = [node.text for node in walk(root("a: [b, {c: d}]\ne: f\n")) if isinstance(node, Scalar)]
    assert found == ["a", "b", "c", "d", "e", "f"]
