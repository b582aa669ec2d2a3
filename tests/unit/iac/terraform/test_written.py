import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.layout import quoted
from iacfix.iac.terraform.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value
from iacfix.iac.terraform.written import read_expression


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"plain"', Known("plain")),
        ("true", Known(True)),
        ("null", Known(None)),
        ("1e10", Known(10**10)),
        ("var.x", Reference(("var", "x"))),
        ("true.x", Unknown("true.x")),
        ('"a${var.x}"', Template((Known("a"), Reference(("var", "x"))))),
        ("[1]", ListValue((Known(1),))),
        ("{ a = 1 }", ObjectValue((("a", Known(1)),))),
        ("f(x)", CallValue("f", (Reference(("x",)),))),
        ("<<EOF\nhi\nEOF", Known("hi\n")),
        ("", Unknown("")),
        ("1 +", Unknown("1 +")),
        ("1\ny = 2", Unknown("1\ny = 2")),
        ("1\ny {\n}", Unknown("1\ny {\n}")),
    ],
)
def test_an_expression_as_text_is_a_value(text: str, value: Value) -> None:
    found = read_expression(text)
    assert found == value
    assert type(getattr(found, "value", None)) is type(getattr(value, "value", None))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_it_reads_what_the_document_reads(text: str) -> None:
    written = quoted(text)
    document = TerraformDocument.read("m.tf", f"x = {written}\n".encode())
    assert read_expression(written) == document.assignments[0].value == Known(text)


@given(st.text(max_size=40))
def test_any_text_is_a_value(text: str) -> None:
    assert read_expression(text.encode(errors="ignore").decode()) is not None
