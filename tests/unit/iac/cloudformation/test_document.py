import json

import pytest

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.values import Known, ListValue, ObjectValue, Reference


def read(text: str, path: str = "t.yaml") -> CloudFormationDocument:
    return CloudFormationDocument.read(path, text.encode())


TEMPLATE = """\ufeff# Über
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters:
  Env: {Type: String, Default: dev}
Mappings:
  M: {a: {b: c}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
Resources:
  # the logs
  Logs:
    Type: AWS::S3::Bucket
    Condition: Prod
    DeletionPolicy: Retain
    UpdateReplacePolicy: Delete
    DependsOn: [Topic, !Ref X]
    Metadata: {note: é}
    Properties:
      Tags:
        - {Key: a, Value: !Ref Env}
      Name: !If [Prod, a, b]

  Topic:
    Type: "AWS::SNS::Topic"
    DependsOn: Other
  Function: {Type: AWS::Serverless::Function}
  NoResource: text
Outputs:
  Arn: {Value: !GetAtt Logs.Arn}
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_template_is_read_whole(newline: str) -> None:
    document = read(TEMPLATE.replace("\n", newline))
    logs = document.resources["Logs"]
    assert list(document.resources) == ["Logs", "Topic", "Function"]
    assert (logs.address, logs.type, logs.condition) == ("Resources.Logs", "AWS::S3::Bucket", "Prod")
    assert (logs.start_line, logs.end_line) == (12, 22)
    assert document.text(logs.start, logs.key_end) == "Logs"
    assert document.text(logs.start, logs.end).endswith("Name: !If [Prod, a, b]")
    assert logs.property("Tags", 0, "Value") == Reference(("Env",))
    assert logs.property("Name", 0) is None
    assert logs.property("Tags", 7) is None
    assert logs.properties is not None
    assert logs.metadata is not None
    assert document.resources["Topic"].properties is None
    assert document.newline == newline
    assert document.is_sam
    assert not document.is_json


def test_the_other_sections_are_known() -> None:
    document = read(TEMPLATE)
    assert list(document.parameters) == ["Env"]
    assert document.parameters["Env"].text("Default") == "dev"
    assert document.mappings["M"].get("a") == ObjectValue((("b", Known("c")),))
    assert document.conditions["Prod"].node is None
    assert document.outputs["Arn"].references() == (("Logs", "Arn"),)
    assert document.of_type("AWS::SNS::Topic") == (document.resources["Topic"],)
    assert document.transforms == ("AWS::Serverless-2016-10-31",)
    assert document.not_followed == ()


def test_json_is_the_same() -> None:
    body = {"Type": "AWS::S3::Bucket", "Properties": {"Tags": [{"Key": "a", "Value": {"Ref": "Env"}}], "On": True}}
    document = read(json.dumps({"Resources": {"A": body}}, indent=2), "t.json")
    assert document.is_json
    assert document.resources["A"].property("Tags", 0, "Value") == Reference(("Env",))
    assert document.resources["A"].property() == ObjectValue(
        (
            ("Tags", ListValue((ObjectValue((("Key", Known("a")), ("Value", Reference(("Env",))))),))),
            ("On", Known(True)),
        )
    )
    assert (document.resources["A"].start_line, document.resources["A"].end_line) == (3, 16)


def test_loops_are_no_resources_and_stay_whole() -> None:
    document = read(
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Topics:\n    - Name\n    - [A, B]\n"
        "    - Topic${Name}:\n        Type: AWS::SNS::Topic\n  Own: {Type: AWS::SNS::Topic}\n"
    )
    assert list(document.resources) == ["Own"]
    assert [each.what for each in document.not_followed] == ["Fn::ForEach::Topics"]


def test_anchors_aliases_and_merge_keys_are_followed() -> None:
    document = read(
        "X:\n  Tags: &tags [{Key: a, Value: b}]\n  Base: &base\n    Type: AWS::S3::Bucket\n    Properties: {A: 1}\n"
        "Resources:\n  A:\n    <<: *base\n    Properties: {Tags: *tags}\n  B: *base\n"
    )
    assert document.resources["A"].type == document.resources["B"].type == "AWS::S3::Bucket"
    assert document.resources["A"].property("Tags", 0, "Key") == Known("a")
    assert document.resources["A"].property("A") is None
    assert document.resources["B"].property("A") == Known(1)


def test_resources_by_a_merge_key_have_their_own_place() -> None:
    document = read("X: &x\n  A: {Type: T::A::B}\nResources:\n  <<: *x\n  B: {Type: T::A::B}\n")
    assert [(each.name, each.start_line) for each in document.resources.values()] == [("B", 5), ("A", 2)]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("- a\n", 1, "not a mapping of sections"),
        ("Outputs: {}\n", 1, "no Resources"),
        ("A: 1\nResources:\n  - a\n", 3, "Resources is not a mapping"),
        ("Resources:\n", 1, "Resources is not a mapping"),
        ("Resources: {}\n---\nResources: {}\n", 2, "more than one"),
        ("Resources:\n  A: {\n", 3, "does not parse"),
    ],
)
def test_what_is_no_template_is_named_with_file_and_line(text: str, line: int, what: str) -> None:
    with pytest.raises(DocumentError, match=what) as error:
        read(text)
    assert error.value.line == line
    assert error.value.what.startswith(f"t.yaml:{line}: ")


def test_lines_count_from_one() -> None:
    document = read("Resources:\n  A: {}\n")
    assert [document.line_of(offset) for offset in (0, 10, 11, 17)] == [1, 1, 2, 2]
