import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.iac.cloudformation.literals import literal
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Value


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (True, Known(value=True)),
        (None, Known(None)),
        (7, Known(7)),
        (0.5, Known(0.5)),
        (("a", [1]), ListValue((Known("a"), ListValue((Known(1),))))),
        ({"a": {"b": "true"}}, ObjectValue((("a", ObjectValue((("b", Known("true")),))),))),
        ({"Ref": "X"}, Reference(("X",))),
        ({"Fn::GetAtt": ["X", "Arn"]}, Reference(("X", "Arn"))),
        ({"Fn::Sub": "a-${B}"}, Template((Known("a-"), Reference(("B",))))),
        ({"Fn::Not": [{"Condition": "C"}]}, CallValue("Fn::Not", (CallValue("Condition", (Known("C"),)),))),
    ],
)
def test_plain_data_becomes_a_value(data: object, expected: Value) -> None:
    assert repr(literal(data)) == repr(expected)


def test_what_is_no_literal_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        literal({"a": {1}})


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_stays_itself(text: str) -> None:
    assert literal(text) == Known(text)
