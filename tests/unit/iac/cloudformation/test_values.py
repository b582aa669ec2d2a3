import pytest

from iacfix.iac.cloudformation.nodes import Mapping
from iacfix.iac.cloudformation.syntax import parse
from iacfix.iac.cloudformation.values import function_of, read_value, references
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value


def value(text: str) -> Value:
    found = parse(f"a: {text}\n".encode())
    assert isinstance(found, Mapping)
    return read_value(found.entries[0].value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("Yes", True),
        ("on", True),
        ("No", False),
        ("off", False),
        ("y", "y"),
        ("n", "n"),
        ("tRue", "tRue"),
        ("", None),
        ("~", None),
        ("null", None),
        ("0", 0),
        ("-7", -7),
        ("1.50", 1.5),
        ("'true'", "true"),
        ('"1"', "1"),
        ("!!str 1", "1"),
        ("! 1", "1"),
        ("2012-10-17", "2012-10-17"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("1.2.3", "1.2.3"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("arn:aws:s3:::b", "arn:aws:s3:::b"),
        ("a b", "a b"),
        (".", "."),
    ],
)
def test_plain_text_has_the_type_that_yaml_1_1_gives_it(text: str, expected: object) -> None:
    assert repr(value(text)) == repr(Known(expected))  # type: ignore[arg-type] # as it is written


@pytest.mark.parametrize(
    "text",
    ["012", "0o14", "0x1F", "0b11", "1_000", "190:20:30", "1:30", "+1", ".5", "1.", "1e3", "1.5e3", ".inf", "-.INF",
     ".NaN", "12345678901234567890", "!!int 3", "!!binary aGk="],
)  # fmt: skip
def test_what_readers_disagree_on_is_unknown(text: str) -> None:
    assert isinstance(value(text), Unknown)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref X", "{Ref: X}"),
        ("!GetAtt X.Arn", "{'Fn::GetAtt': [X, Arn]}"),
        ("!GetAtt [X, Outputs.Y]", "{'Fn::GetAtt': X.Outputs.Y}"),
        ("!Sub 'a-${B}'", "{'Fn::Sub': 'a-${B}'}"),
        ("!Sub ['${C}', {C: !Ref D}]", "{'Fn::Sub': ['${C}', {C: {Ref: D}}]}"),
        ("!Join [',', [a, !Ref B]]", "{'Fn::Join': [',', [a, {Ref: B}]]}"),
        ("!Split [',', 'a,b']", "{'Fn::Split': [',', 'a,b']}"),
        ("!Select [0, !GetAZs '']", "{'Fn::Select': [0, {'Fn::GetAZs': ''}]}"),
        ("!FindInMap [A, b, c]", "{'Fn::FindInMap': [A, b, c]}"),
        ("!Base64 x", "{'Fn::Base64': x}"),
        ("!Cidr [10.0.0.0/16, 2, 8]", "{'Fn::Cidr': [10.0.0.0/16, 2, 8]}"),
        ("!ImportValue x", "{'Fn::ImportValue': x}"),
        ("!If [C, 1, !Ref 'AWS::NoValue']", "{'Fn::If': [C, 1, {Ref: 'AWS::NoValue'}]}"),
        ("!Equals [a, b]", "{'Fn::Equals': [a, b]}"),
        ("!Not [!Condition C]", "{'Fn::Not': [{Condition: C}]}"),
        ("!And [!Condition C, !Condition D]", "{'Fn::And': [{Condition: C}, {Condition: D}]}"),
        ("!Or [!Condition C, !Condition D]", "{'Fn::Or': [{Condition: C}, {Condition: D}]}"),
        ("!Length [a, b]", "{'Fn::Length': [a, b]}"),
        ("!ToJsonString {a: 1}", "{'Fn::ToJsonString': {a: 1}}"),
        ("!Base64 {'Fn::Sub': 'x${Y}'}", "{'Fn::Base64': {'Fn::Sub': 'x${Y}'}}"),
        ("!ImportValue {Ref: X}", "{'Fn::ImportValue': {Ref: X}}"),
        ("!Transform {Name: N}", "{'Fn::Transform': {Name: N}}"),
    ],
)
def test_a_function_is_the_same_in_both_forms(short: str, long: str) -> None:
    assert repr(value(short)) == repr(value(long))
    assert isinstance(value(short), Reference | Template | CallValue)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref true", Reference(("true",))),
        ("!GetAtt X.Outputs.Y", Reference(("X", "Outputs.Y"))),
        ("!Sub '${A.B.C}'", Template((Reference(("A", "B.C")),))),
        ("!Sub 'a${!B}c'", Known("a${B}c")),
        ("!Sub x", Known("x")),
        ("!Sub ''", Known("")),
        ("!Sub ['${V}-${W}', {V: v}]", Template((Known("v"), Known("-"), Reference(("W",))))),
        ("!GetAZs ''", CallValue("Fn::GetAZs", (Known(""),))),
        ("!Length [a]", CallValue("Fn::Length", (ListValue((Known("a"),)),))),
        ("!Strange x", Unknown("!Strange x")),
        ("!Strange {a: 1}", ObjectValue((("a", Known(1)),), complete=False)),
        ("{'Fn::Macro': {a: 1}}", CallValue("Fn::Macro", (ObjectValue((("a", Known(1)),)),))),
        ("{Ref: X, Other: Y}", ObjectValue((("Ref", Known("X")), ("Other", Known("Y"))))),
        ("{Condition: {StringEquals: 1}}", ObjectValue((("Condition", ObjectValue((("StringEquals", Known(1)),))),))),
    ],
)
def test_functions_and_what_looks_like_them(text: str, expected: Value) -> None:
    assert repr(value(text)) == repr(expected)


def test_references_are_found_everywhere() -> None:
    node = parse(
        b"a: &x !Ref A\nb: !Sub '${B.C}-${!no}'\nc: {'Fn::GetAtt': [D, !Ref E]}\nd: *x\ne: !Join ['', [!GetAtt F.G]]\nf: !Base64 {Ref: H}\n"
    )
    assert references(node) == (("A",), ("B", "C"), ("D",), ("E",), ("A",), ("F", "G"), ("H",))


def test_an_alias_calls_nothing_itself() -> None:
    node = parse(b"a: &x !Ref A\nb: *x\n")
    assert isinstance(node, Mapping)
    assert function_of(node.entries[1].value) is None
    assert read_value(node.entries[1].value) == Reference(("A",))
