"""Change sets over the real wire protocol: in moto as far as it goes, and as AWS's service model has the answers.

moto keeps a change set's life (created, described, deleted) and names what is added, modified and removed. It tells no
`Replacement` and no `Details`, plans a change where AWS would say that there is none, and takes every capability.
"""

from collections.abc import Mapping
from typing import cast
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import pytest
from botocore.model import ListShape, ServiceModel, Shape, StructureShape
from botocore.session import get_session
from tests.contract.aws import Answer, Scripted, Start, client

from iacfix.adapters.aws.change_sets import MAX_TEMPLATE_BYTES, ChangeSets
from iacfix.config import ChangeSetSettings
from iacfix.domain.errors import InputError
from iacfix.ports import Plan, PlannedChange, PlanRefusedError, ToolError

PATH = "cfn/alarms.yaml"
TEMPLATE = """Parameters:
  Name:
    Type: String
Resources:
  Alarms:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !Ref Name
"""
ENCRYPTED = TEMPLATE + "      KmsMasterKeyId: alias/aws/sns\n"
MODEL = ServiceModel(get_session().get_service_data("cloudformation"))


def change_sets(path: str = PATH, timeout: float = 30, **stacks: str) -> ChangeSets:
    def read(asked: str) -> bytes:
        if asked != path:
            raise InputError(f"there is no {asked}")
        return TEMPLATE.encode()

    return ChangeSets(ChangeSetSettings(stacks or {"alarms": PATH}, timeout=timeout), read)


@pytest.mark.usefixtures("aws")
def test_in_moto_a_change_is_told_and_nothing_is_left() -> None:
    cloudformation = client("cloudformation")
    name = {"ParameterKey": "Name", "ParameterValue": "alarms"}
    cloudformation.create_stack(StackName="alarms", TemplateBody=TEMPLATE, Parameters=[name])
    sets = change_sets()
    plan = sets.plan(PATH, {PATH: ENCRYPTED.encode()})
    assert [(each.block, each.deletes, each.replaces) for each in plan.changes] == [("Resources.Alarms", False, False)]
    gone = sets.plan(PATH, {PATH: TEMPLATE.replace("Alarms", "Others").encode()})
    assert {each.block: each.deletes for each in gone.changes} == {"Resources.Alarms": True, "Resources.Others": False}
    assert cloudformation.list_change_sets(StackName="alarms")["Summaries"] == []
    assert cloudformation.get_template(StackName="alarms")["TemplateBody"] == TEMPLATE


@pytest.mark.usefixtures("aws")
def test_in_moto_a_stack_that_is_not_there_is_told() -> None:
    with pytest.raises(ToolError):
        change_sets().plan(PATH, {})


def told(operation: str, values: Mapping[str, object]) -> Answer:
    """An answer that AWS's model of the operation allows; KeyError for what it does not."""
    output = MODEL.operation_model(operation).output_shape
    inside = _xml(output, values) if output is not None else ""
    wrapped = f"<{operation}Result>{inside}</{operation}Result>"
    return Answer(200, f"<{operation}Response>{wrapped}</{operation}Response>".encode())


def _xml(shape: Shape, value: object) -> str:
    match shape:
        case StructureShape():
            members = cast("Mapping[str, Shape]", shape.members)
            given = cast("Mapping[str, object]", value)
            return "".join(f"<{name}>{_xml(members[name], each)}</{name}>" for name, each in given.items())
        case ListShape():
            return "".join(f"<member>{_xml(shape.member, each)}</member>" for each in cast("list[object]", value))
        case _:
            allowed = shape.metadata.get("enum")
            assert not allowed or value in allowed, (value, allowed)
            return escape(str(value))


SUMMARY = told(
    "GetTemplateSummary",
    {
        "Parameters": [{"ParameterKey": "Name"}, {"ParameterKey": "New", "DefaultValue": "x"}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "DeclaredTransforms": ["AWS::Serverless-2016-10-31"],
    },
)
STACKS = told(
    "DescribeStacks",
    {
        "Stacks": [
            {
                "StackName": "alarms",
                "CreationTime": "2026-01-01T00:00:00Z",
                "StackStatus": "CREATE_COMPLETE",
                "Parameters": [
                    {"ParameterKey": "Name", "ParameterValue": "alarms"},
                    {"ParameterKey": "Gone", "ParameterValue": "x"},
                ],
            }
        ]
    },
)
CREATED = told("CreateChangeSet", {"Id": "arn:aws:cloudformation:eu-west-1:1:changeSet/x"})
DELETED = told("DeleteChangeSet", {})
BEGINNING = (SUMMARY, STACKS, CREATED)


def described(status: str, *changes: Mapping[str, object], reason: str = "", more: str = "") -> Answer:
    values: dict[str, object] = {
        "Status": status,
        "Changes": [{"Type": "Resource", "ResourceChange": each} for each in changes],
    }
    return told(
        "DescribeChangeSet",
        values | ({"StatusReason": reason} if reason else {}) | ({"NextToken": more} if more else {}),
    )


def modified(name: str, replacement: str = "False", action: str = "Modify", value: str = "a") -> Mapping[str, object]:
    target = {"Attribute": "Properties", "Name": "KmsMasterKeyId", "RequiresRecreation": "Never", "AfterValue": value}
    return {
        "Action": action,
        "LogicalResourceId": name,
        "ResourceType": "AWS::SNS::Topic",
        "Replacement": replacement,
        "Scope": ["Properties"],
        "Details": [{"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}],
    }


def planned(answering: Start, *answers: Answer, timeout: float = 30) -> tuple[Plan, Scripted]:
    script = answering(*BEGINNING, *answers)
    return change_sets(timeout=timeout).plan(PATH, {PATH: ENCRYPTED.encode()}), script


def asked(script: Scripted) -> list[dict[str, str]]:
    return [{key: each[0] for key, each in parse_qs(line.split(" ")[-1]).items()} for line in script.requests]


def test_what_is_asked_is_no_more_than_a_look(answering: Start) -> None:
    plan, script = planned(
        answering, described("CREATE_PENDING"), described("CREATE_COMPLETE", modified("Alarms")), DELETED
    )
    requests = asked(script)
    assert [each["Action"] for each in requests] == [
        "GetTemplateSummary",
        "DescribeStacks",
        "CreateChangeSet",
        "DescribeChangeSet",
        "DescribeChangeSet",
        "DeleteChangeSet",
    ]
    created = requests[2]
    assert created["ChangeSetType"] == "UPDATE"
    assert created["TemplateBody"] == ENCRYPTED
    assert {created["Capabilities.member.1"], created["Capabilities.member.2"]} == {
        "CAPABILITY_NAMED_IAM",
        "CAPABILITY_AUTO_EXPAND",
    }
    assert (created["Parameters.member.1.ParameterKey"], created["Parameters.member.1.UsePreviousValue"]) == (
        "Name",
        "true",
    )
    assert "Parameters.member.2.ParameterKey" not in created, "neither what is new nor what is gone"
    assert requests[-1]["ChangeSetName"] == created["ChangeSetName"]
    (change,) = plan.changes
    assert (change.address, change.folder, change.block) == ("Alarms of alarms", PATH, "Resources.Alarms")
    assert change.attributes == {"KmsMasterKeyId"}


@pytest.mark.parametrize(
    ("change", "becomes"),
    [
        (modified("A"), (False, False)),
        (modified("A", "True"), (False, True)),
        (modified("A", "Conditional"), (False, True)),
        (modified("A", action="Dynamic"), (False, True)),
        (modified("A", action="Remove"), (True, False)),
        (modified("A", action="Add"), (False, False)),
    ],
)
def test_what_becomes_of_a_resource(answering: Start, change: Mapping[str, object], becomes: tuple[bool, bool]) -> None:
    plan, _ = planned(answering, described("CREATE_COMPLETE", change), DELETED)
    (found,) = plan.changes
    assert (found.deletes, found.replaces) == becomes


def test_every_page_is_read(answering: Start) -> None:
    pages = (described("CREATE_COMPLETE", modified("A"), more="t"), described("CREATE_COMPLETE", modified("B")))
    plan, script = planned(answering, *pages, DELETED)
    assert [each.block for each in plan.changes] == ["Resources.A", "Resources.B"]
    assert asked(script)[-2]["NextToken"] == "t"


def test_another_value_is_another_change_and_is_not_told(answering: Start) -> None:
    def of(value: str) -> PlannedChange:
        return planned(answering, described("CREATE_COMPLETE", modified("A", value=value)), DELETED)[0].changes[0]

    assert of("a").fingerprint != of("b").fingerprint
    assert "secret-value" not in repr(of("secret-value"))


@pytest.mark.parametrize(
    "reason", ["The submitted information didn't contain changes.", "No updates are to be performed."]
)
def test_nothing_to_do_is_an_empty_plan(answering: Start, reason: str) -> None:
    plan, script = planned(answering, described("FAILED", reason=reason), DELETED)
    assert plan.changes == ()
    assert asked(script)[-1]["Action"] == "DeleteChangeSet"


def test_a_change_set_that_fails_is_the_template_s_fault(answering: Start) -> None:
    with pytest.raises(PlanRefusedError, match="Template error"):
        planned(answering, described("FAILED", reason="Template error: no such condition"), DELETED)


def test_one_that_takes_too_long_is_deleted_too(answering: Start) -> None:
    script = answering(*BEGINNING, described("CREATE_IN_PROGRESS"), DELETED)
    with pytest.raises(ToolError, match=r"longer than 0\.1 seconds"):
        change_sets(timeout=0.1).plan(PATH, {})
    assert asked(script)[-1]["Action"] == "DeleteChangeSet"


def refusal(code: str, message: str) -> Answer:
    text = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return Answer(400, text.encode())


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (refusal("ValidationError", "Template format error: no Resources"), PlanRefusedError, "Template format error"),
        (refusal("ValidationError", "Stack [alarms] does not exist"), ToolError, "ValidationError"),
        (refusal("AccessDenied", "no"), ToolError, "cloudformation:CreateChangeSet"),
        (refusal("ExpiredToken", "no"), ToolError, "credentials"),
    ],
)
def test_a_refusal_is_the_template_s_fault_or_the_account_s(
    answering: Start, answer: Answer, kind: type[ToolError], said: str
) -> None:
    answering(SUMMARY, STACKS, answer)
    with pytest.raises(ToolError, match=said) as error:
        change_sets().plan(PATH, {})
    assert type(error.value) is kind


@pytest.mark.parametrize(
    ("path", "template", "said"),
    [
        ("cfn/other.yaml", TEMPLATE, "add it to `change_set.stacks`"),
        (PATH, "#" * (MAX_TEMPLATE_BYTES + 1), "more than the 51200 bytes"),
        (PATH, ENCRYPTED, "denies"),
    ],
)
def test_what_no_change_set_can_be_made_of_asks_nobody(answering: Start, path: str, template: str, said: str) -> None:
    script = answering(refusal("AccessDenied", "no"))
    with pytest.raises(ToolError, match=said):
        change_sets().plan(path, {path: template.encode()})
    assert bool(script.requests) == (said == "denies")
