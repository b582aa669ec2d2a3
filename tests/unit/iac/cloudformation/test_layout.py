import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.layout import block, inline, shaped, style_of, text_of
from iacfix.iac.cloudformation.literals import literal
from iacfix.iac.cloudformation.syntax import parse
from iacfix.iac.cloudformation.values import read_value
from iacfix.iac.values import CallValue, Known, ObjectValue, Reference, Template, Unknown, Value

YAML = style_of(CloudFormationDocument.read("t.yaml", b"Resources:\n    A:\n        Tags:\n        - 'a'\n"))
JSON = style_of(CloudFormationDocument.read("t.json", b'{\n\t"Resources" : {\n\t\t"A" : {"Ref" : "x"}\n\t}\n}'))


def test_a_style_is_that_of_the_file() -> None:
    assert (YAML.json, YAML.step, YAML.dash, YAML.quotes) == (False, "    ", 0, "'")
    assert (JSON.json, JSON.step, JSON.colon, JSON.tight) == (True, "\t", " : ", True)
    tight = style_of(CloudFormationDocument.read("t.json", b'{"Resources":{"A":{"B":1}}}\n'))
    assert (tight.colon, tight.comma) == (":", ",")


@pytest.mark.parametrize(
    "text", ["x", "AES256", "aws:kms", "s3:GetObject", "arn:aws:s3:::b", "/a/b", "a b", "AWS::Region", "x.y", "s3:*"]
)
def test_plain_text_needs_no_quotes(text: str) -> None:
    assert text_of(YAML, text) == text
    assert text_of(JSON, text) == f'"{text}"'


@pytest.mark.parametrize(
    "text",
    ["", "true", "Yes", "on", "n", "null", "~", "1", "012", "1:30", "1e3", "0x1", "2012-10-17", "*", "- a", "a: b", "a:",
     "a #b", " a", "a ", "{a", "[a", "!a", "&a", "@a", "`a", "%a", "|", "a,b", "<<", "=", ".inf", "?", "'", "${A}"],
)  # fmt: skip
def test_what_a_reader_would_take_for_something_else_is_quoted(text: str) -> None:
    assert text_of(YAML, text) == "'" + text.replace("'", "''") + "'"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from([YAML, JSON]))
def test_every_text_reads_back_as_itself(text: str, style: object) -> None:
    assert style in {YAML, JSON}
    written = text_of(YAML if style == YAML else JSON, text)
    assert read_value(parse(f"a: {written}".encode())) == ObjectValue((("a", Known(text)),))
    assert read_value(parse(f"[{written}]".encode())) == literal([text])


@pytest.mark.parametrize(
    ("value", "short"),
    [
        (Reference(("X",)), "!Ref X"),
        (Reference(("X", "Outputs.Y")), "!GetAtt X.Outputs.Y"),
        (Template((Known("a${b}"), Reference(("C", "D")))), "!Sub 'a${!b}${C.D}'"),
        (CallValue("Fn::GetAZs", (Known(""),)), "!GetAZs ''"),
        (CallValue("Fn::Not", (CallValue("Condition", (Known("C"),)),)), "!Not [!Condition C]"),
        (CallValue("Fn::ImportValue", (Reference(("X",)),)), "{Fn::ImportValue: !Ref X}"),
        (CallValue("Fn::Length", (literal([1]),)), "!Length [1]"),
    ],
)
def test_functions_are_short_in_yaml_and_long_in_json(value: Value, short: str) -> None:
    assert inline(YAML, shaped(YAML, value)) == short
    for text in (short, inline(JSON, shaped(JSON, value))):
        assert repr(read_value(parse(text.encode()))) == repr(value)


@pytest.mark.parametrize("value", [Unknown("x"), Template((Known(1),)), ObjectValue((), complete=False), Known(1e99)])
def test_what_cannot_be_written_is_refused(value: Value) -> None:
    with pytest.raises(DocumentError, match="cannot be written"):
        shaped(YAML, value)


def test_lists_in_lists_are_blocks() -> None:
    shape = shaped(YAML, literal({"a": [["b", ["c"]], {}, {"d": []}]}))
    lines = block(YAML, shape, 0, item=False)
    assert lines == ["", "    a:", "    - - b", "      - - c", "    - {}", "    - d: []"]
    assert read_value(parse("\n".join(["x:", *lines[1:]]).encode())) == literal(
        {"x": {"a": [["b", ["c"]], {}, {"d": []}]}}
    )
