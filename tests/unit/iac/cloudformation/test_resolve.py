import pytest

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.resolve import parameter_value, resolve
from iacfix.iac.cloudformation.values import read_value
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value

HEAD = """Parameters:
  Env: {Type: String, Default: prod}
  NoDefault: {Type: String}
  Count: {Type: Number, Default: 3}
  Names: {Type: CommaDelimitedList, Default: 'a, b'}
  Image: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /x}
  Flag: {Type: String, Default: true}
  Nothing: {Type: String, Default: null}
Mappings:
  Sizes:
    prod: {size: 9}
    '123456789012': {size: 1}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Dev: !Not [!Condition Prod]
  Open: !Equals [!Ref NoDefault, x]
  Both: !And [!Condition Prod, !Condition Open]
  Neither: !And [!Condition Dev, !Condition Open]
  Either: !Or [!Condition Prod, !Condition Open]
  Loop: !Not [!Condition Loop]
Resources:
  A:
    Type: AWS::S3::Bucket
    Properties:
      P: """


def resolved(text: str, **given: Value) -> Value:
    document = CloudFormationDocument.read("t.yaml", f"{HEAD}{text}\n".encode())
    found = document.resources["A"].property("P")
    assert found is not None
    return resolve(document, found, given)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Env", Known("prod")),
        ("!Ref NoDefault", Reference(("NoDefault",))),
        ("!Ref Nothing", Reference(("Nothing",))),
        ("!Ref Image", Reference(("Image",))),
        ("!Ref Count", Known(3)),
        ("!Ref Flag", Known("true")),
        ("!Ref Names", ListValue((Known("a"), Known("b")))),
        ("!Sub 'x-${Env}'", Known("x-prod")),
        ("!Sub '${Env}-${AWS::Region}'", Template((Known("prod-"), Reference(("AWS::Region",))))),
        ("!Join ['-', [a, !Ref Env, 1, true]]", Known("a-prod-1-true")),
        ("!Join ['-', []]", Known("")),
        ("!Select [1, !Split [',', 'a,b']]", Known("b")),
        ("!Select ['1', [a, b]]", Known("b")),
        ("!Select [5, [a]]", CallValue("Fn::Select", (Known(5), ListValue((Known("a"),))))),
        ("!FindInMap [Sizes, !Ref Env, size]", Known(9)),
        ("!FindInMap [Sizes, 123456789012, size]", Known(1)),
        ("!If [Prod, 1, 2]", Known(1)),
        ("!If [Dev, 1, 2]", Known(2)),
        ("!If [Both, 1, 2]", CallValue("Fn::If", (Known("Both"), Known(1), Known(2)))),
        ("!If [Neither, 1, 2]", Known(2)),
        ("!If [Either, 1, 2]", Known(1)),
        ("!If [Open, same, same]", Known("same")),
        ("!If [Open, true, 1]", CallValue("Fn::If", (Known("Open"), Known(True), Known(1)))),
        ("!If [Loop, 1, 2]", CallValue("Fn::If", (Known("Loop"), Known(1), Known(2)))),
        ("!If [Missing, 1, 2]", CallValue("Fn::If", (Known("Missing"), Known(1), Known(2)))),
        ("{a: !If [Dev, 1, !Ref 'AWS::NoValue'], b: 2}", ObjectValue((("b", Known(2)),))),
        ("[!If [Dev, 1, !Ref 'AWS::NoValue'], 2]", ListValue((Known(2),))),
        ("!GetAtt A.Arn", Reference(("A", "Arn"))),
        ("!Length [1, 2]", Known(2)),
        ("!ImportValue x", CallValue("Fn::ImportValue", (Known("x"),))),
    ],
)
def test_what_can_be_known_is_known(text: str, expected: Value) -> None:
    assert repr(resolved(text)) == repr(expected)


def test_given_values_go_before_defaults() -> None:
    assert resolved("!If [Prod, 1, 2]", Env=Known("dev")) == Known(2)
    assert resolved("!Ref NoDefault", NoDefault=Known("x")) == Known("x")


def test_a_missing_parameter_has_no_value() -> None:
    document = CloudFormationDocument.read("t.yaml", f"{HEAD}1\n".encode())
    assert parameter_value(document, "Missing") is None
    assert parameter_value(document, "Env") == Known("prod")


def test_conditions_that_ask_for_each_other_many_times_are_computed_once() -> None:
    lines = ["Conditions:", "  C0: !Equals [a, a]"]
    lines += [f"  C{at}: !And [!Condition C{at - 1}, !Condition C{at - 1}]" for at in range(1, 25)]
    document = CloudFormationDocument.read("t.yaml", "\n".join([*lines, "Resources: {}"]).encode())
    assert resolve(document, CallValue("Condition", (Known("C24"),))) == Known(True)


def test_a_text_that_doubles_at_every_step_ends() -> None:
    value: Value = Known("ab" * 1000)
    for _ in range(8):
        value = CallValue("Fn::Join", (Known(""), ListValue((value, value))))
        value = resolve(CloudFormationDocument.read("t.yaml", b"Resources: {}"), value)
    assert isinstance(value, Unknown | CallValue)


def test_deep_values_end() -> None:
    text = "!Join ['', [" * 40 + "x" + "]]" * 40
    assert isinstance(resolved(text), Unknown | CallValue | Known)


def test_values_of_an_unread_node_are_read() -> None:
    document = CloudFormationDocument.read("t.yaml", f"{HEAD}1\n".encode())
    section = document.conditions["Prod"]
    assert resolve(document, read_value(section.entry.value)) == Known(True)
