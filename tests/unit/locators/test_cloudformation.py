from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.support.code import template
from tests.support.repositories import cloud, repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.location import Framework, Location, LocationResult, NotLocated
from iacfix.domain.outcome import Status
from iacfix.locators.cloudformation import ALIKE, MAPPED, ONLY, SHOWN, Stacks, StackTemplate, stack_of
from iacfix.locators.locate import Sources, locate
from iacfix.ports import CloudReadError, StackReader, StackResource
from iacfix.workflows.fix import Fixer

S3 = "arn:aws:s3:::acme-logs"
LOGS = template({"Logs": "{}"})
STACK_ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/0f1e"


def tagged(logical_id: str = "Logs", stack: str = "shop", *more: tuple[str, str], kind: str = "AwsS3Bucket") -> Finding:
    tags = (("aws:cloudformation:stack-name", stack), ("aws:cloudformation:logical-id", logical_id), *more)
    return cloud(kind, S3 if kind == "AwsS3Bucket" else "", tags=tags)


@dataclass
class Account:
    """What CloudFormation answers, and what it was asked."""

    made: Mapping[str, StackResource] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def by_physical_id(self, physical_id: str, region: str) -> StackResource | None:
        self.asked.append(f"{physical_id}@{region}")
        return self.made.get(physical_id)

    def template(self, stack: str, region: str) -> bytes:
        self.asked.append(f"template {stack}@{region}")
        if stack not in self.templates:
            raise CloudReadError(f"the stack {stack} cannot be read", remedy="allow cloudformation:GetTemplate")
        return self.templates[stack].encode()


def account(
    logical_id: str = "Logs", kind: str = "AWS::S3::Bucket", name: str = "acme-logs", **templates: str
) -> Account:
    return Account({name: StackResource("shop", STACK_ID, logical_id, name, kind)}, templates)


def search(
    folder: Path,
    files: Mapping[str, str],
    finding: Finding,
    reader: StackReader | None = None,
    stacks: Mapping[str, str] | None = None,
) -> LocationResult:
    mapped = tuple(StackTemplate(stack, path) for stack, path in (stacks or {}).items())
    return locate(finding, repository(folder, files), Sources(stacks=Stacks(mapped, reader)))


def found(folder: Path, files: Mapping[str, str], finding: Finding, reader: StackReader | None = None) -> Location:
    result = search(folder, files, finding, reader)
    assert isinstance(result, Location), result
    return result


def missed(folder: Path, files: Mapping[str, str], finding: Finding, reader: StackReader | None = None) -> NotLocated:
    result = search(folder, files, finding, reader)
    assert isinstance(result, NotLocated), result
    return result


def test_the_tags_of_a_stack_lead_to_its_template(tmp_path: Path) -> None:
    location = found(tmp_path, {"infra/app.yaml": "# head\n" + LOGS, "main.tf": ""}, tagged())
    assert (location.path, location.address, location.framework) == (
        "infra/app.yaml",
        "Resources.Logs",
        Framework.CLOUDFORMATION,
    )
    assert (location.start_line, location.end_line, location.confidence) == (3, 5, ONLY)
    (evidence,) = location.evidence
    assert evidence.strategy == "CloudFormation"
    assert evidence.detail == "its tags say that the stack 'shop' made it as 'Logs'"


@pytest.mark.parametrize(
    ("tags", "stack"),
    [
        ((("aws:cloudformation:stack-name", "shop"),), "shop"),
        ((("aws:cloudformation:stack-id", STACK_ID),), "shop"),
        ((("aws:cloudformation:stack-name", "a"), ("aws:cloudformation:stack-id", STACK_ID)), "a"),
        ((("aws:cloudformation:stack-id", "shop"),), ""),
        ((("aws:cloudformation:stack-id", ":stack/"),), ""),
        ((), ""),
    ],
)
def test_a_stack_is_known_by_its_name_or_its_id(tags: tuple[tuple[str, str], ...], stack: str) -> None:
    assert stack_of(cloud("AwsS3Bucket", S3, tags=tags)) == stack


def test_the_id_of_a_stack_is_as_good_as_its_name(tmp_path: Path) -> None:
    tags = (("aws:cloudformation:stack-id", STACK_ID), ("aws:cloudformation:logical-id", "Logs"))
    assert found(tmp_path, {"app.yaml": LOGS}, cloud("AwsS3Bucket", S3, tags=tags)).address == "Resources.Logs"


@pytest.mark.parametrize("left_out", ["aws:cloudformation:stack-name", "aws:cloudformation:logical-id"])
def test_half_of_the_tags_say_nothing(tmp_path: Path, left_out: str) -> None:
    read = tagged()
    read = replace(read, resource=replace(read.resource, tags=tuple(t for t in read.resource.tags if t[0] != left_out)))
    assert "CloudFormation" not in missed(tmp_path, {"app.yaml": LOGS}, read).reason


# Several templates


TWO = {"eu.yaml": template({"Logs": "{}", "Eu": "{}"}), "us.yaml": template({"Logs": "{}", "Us": "{}"})}


@pytest.mark.parametrize("pattern", ["shop", "sh*"])
def test_the_configuration_says_which_template_a_stack_is_made_of(tmp_path: Path, pattern: str) -> None:
    result = search(tmp_path, TWO, tagged(), stacks={pattern: "us.yaml", "other": "eu.yaml"})
    assert isinstance(result, Location)
    assert (result.path, result.confidence) == ("us.yaml", MAPPED)


def test_a_template_that_was_named_is_not_replaced_by_another(tmp_path: Path) -> None:
    result = search(
        tmp_path, {"a.yaml": LOGS, "b.yaml": template({"Other": "{}"})}, tagged(), stacks={"shop": "b.yaml"}
    )
    assert isinstance(result, NotLocated)
    assert result.reason.endswith("b.yaml, which the configuration names for it, does not hold that")


def test_a_template_that_was_named_and_is_broken_is_told_with_its_line(tmp_path: Path) -> None:
    result = search(tmp_path, {"a.yaml": LOGS, "b.yaml": LOGS + "  More: [\n"}, tagged(), stacks={"shop": "b.yaml"})
    assert isinstance(result, NotLocated)
    assert "the template that the configuration names for it is not read: b.yaml:6" in result.reason


def test_several_templates_are_left_to_a_person(tmp_path: Path) -> None:
    result = missed(tmp_path, TWO, tagged())
    assert "ambiguous" in result.reason
    assert "2 templates hold 'Logs' of the stack 'shop'" in result.reason
    assert {each.path for each in result.candidates} == {"eu.yaml", "us.yaml"}


def test_of_several_templates_the_one_that_was_deployed_is_meant(tmp_path: Path) -> None:
    reader = account(shop=TWO["us.yaml"])
    location = found(tmp_path, TWO, tagged(), reader)
    assert (location.path, location.confidence) == ("us.yaml", ALIKE)
    assert reader.asked == ["template shop@"]


@pytest.mark.parametrize(
    "deployed",
    [
        template({"Logs": "{}"}),
        template({"Logs": "{}", **{f"Other{number}": "{}" for number in range(4)}}),
        template({"Logs": "{}", "Eu": "{}", "Us": "{}"}),
    ],
    ids=["as near to both", "far from both", "made of both"],
)
def test_templates_that_are_about_as_near_are_left_to_a_person(tmp_path: Path, deployed: str) -> None:
    assert len(missed(tmp_path, TWO, tagged(), account(shop=deployed)).candidates) == 2


@pytest.mark.parametrize(
    ("reader", "said"), [(account(), "cannot be read"), (account(shop="a: [\n"), "template of the stack shop:")]
)
def test_a_stack_whose_template_cannot_be_read_is_named(tmp_path: Path, reader: Account, said: str) -> None:
    assert said in missed(tmp_path, TWO, tagged(), reader).reason


# Asked of CloudFormation itself


def test_without_tags_cloudformation_is_asked(tmp_path: Path) -> None:
    reader = account()
    location = found(tmp_path, {"app.yaml": LOGS}, cloud("AwsS3Bucket", S3), reader)
    assert location.evidence[0].detail == "CloudFormation says that the stack 'shop' made it as 'Logs'"
    assert reader.asked == ["acme-logs@"]


def test_what_no_stack_made_is_looked_for_elsewhere(tmp_path: Path) -> None:
    reader = Account()
    named = 'resource "aws_s3_bucket" "b" {\n  bucket = "acme-logs"\n}\n'
    assert found(tmp_path, {"main.tf": named}, cloud("AwsS3Bucket", S3), reader).path == "main.tf"
    assert reader.asked == ["acme-logs@", f"{S3}@"]


def test_another_thing_of_the_same_name_is_not_the_one_that_is_meant(tmp_path: Path) -> None:
    reader = account(kind="AWS::SQS::Queue", logical_id="Jobs")
    text = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n"
    result = missed(tmp_path, {"app.yaml": text}, cloud("AwsS3Bucket", S3), reader)
    assert "Jobs" not in result.reason
    assert f"{S3}@" in reader.asked


def test_a_function_of_sam_is_what_cloudformation_calls_a_function(tmp_path: Path) -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    reader = account("Fn", "AWS::Lambda::Function", "f")
    assert found(tmp_path, {"sam.yaml": SAM}, cloud("AwsLambdaFunction", arn), reader).address == "Resources.Fn"


def test_an_account_that_does_not_answer_is_named_when_nobody_knows(tmp_path: Path) -> None:
    class Refusing(Account):
        def by_physical_id(self, physical_id: str, region: str) -> StackResource | None:
            raise CloudReadError("the account refuses", remedy=f"allow {physical_id}{region}")

    assert missed(tmp_path, {"app.yaml": LOGS}, cloud("AwsS3Bucket", S3), Refusing()).reason.endswith(
        "; the account refuses: allow acme-logs"
    )
    named = template({"Other": "{ BucketName: acme-logs }"})
    assert found(tmp_path, {"app.yaml": named}, cloud("AwsS3Bucket", S3), Refusing()).address == "Resources.Other"


# What does not fit


@pytest.mark.parametrize("reader", [None, account()])
def test_a_logical_id_of_another_type_is_not_taken(tmp_path: Path, reader: Account | None) -> None:
    text = "Resources:\n  Logs:\n    Type: AWS::SQS::Queue\n"
    read = tagged() if reader is None else cloud("AwsS3Bucket", S3)
    result = missed(tmp_path, {"app.yaml": text}, read, reader)
    assert "which is an AWS::SQS::Queue, while the finding is about an AWS::S3::Bucket" in result.reason
    assert [each.address for each in result.candidates] == ["Resources.Logs"]


def test_where_the_findings_type_is_not_known_that_of_the_stack_counts(tmp_path: Path) -> None:
    read = cloud("AwsFoo", "acme-logs")
    assert found(tmp_path, {"app.yaml": LOGS}, read, account()).address == "Resources.Logs"
    result = missed(tmp_path, {"app.yaml": LOGS}, read, account(kind="AWS::SQS::Queue"))
    assert "which is an AWS::S3::Bucket, while the finding is about an AWS::SQS::Queue" in result.reason


def test_of_blocks_of_one_logical_id_those_of_the_type_count(tmp_path: Path) -> None:
    files = {"a.yaml": "Resources:\n  Logs:\n    Type: AWS::SQS::Queue\n", "b.yaml": LOGS}
    assert found(tmp_path, files, cloud("AwsS3Bucket", S3), account()).path == "b.yaml"


def test_a_broken_template_is_named_where_no_other_holds_it(tmp_path: Path) -> None:
    files = {"a.tf": "resource {", "a.yaml": LOGS.replace("Logs", "Other"), "broken.yaml": LOGS + "  More: [\n"}
    assert "not read: broken.yaml:6" in missed(tmp_path, files, tagged()).reason
    assert found(tmp_path, files, tagged("Other")).path == "a.yaml"


@pytest.mark.parametrize(
    "value",
    [
        "x" * 5000,
        "\x1b[2J\x07\n",
        "../../etc/passwd",
        "/",
        "\u202e\u2028",
        "[a-",
        "*",
        "{}",
        "Logs.Type",
        '","AWS::S3::Bucket',
    ],
)
def test_a_hostile_tag_is_told_and_not_followed(tmp_path: Path, value: str) -> None:
    for read in (tagged(value, "shop"), tagged("Logs", value), tagged(value, value)):
        result = search(tmp_path, {"app.yaml": LOGS}, read)
        if isinstance(result, Location):
            assert (result.address, read.resource.tags[1][1]) == ("Resources.Logs", "Logs")
        said = result.reason if isinstance(result, NotLocated) else result.evidence[0].detail
        assert said.isprintable()
        assert len(said) < 2 * SHOWN + 200


@pytest.mark.parametrize("construct", ["\x1b[2J", "x" * 5000])
def test_a_hostile_construct_is_told_in_short_and_printable(tmp_path: Path, construct: str) -> None:
    said = missed(tmp_path, {"app.yaml": LOGS}, tagged("Logs", "shop", ("aws:cdk:path", construct))).reason
    assert said.isprintable()
    assert len(said) < SHOWN + 200


# SAM and CDK


SAM = """Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: { FunctionName: f }
"""


def test_what_sam_made_leads_to_what_it_made_it_of(tmp_path: Path) -> None:
    location = found(tmp_path, {"sam.yaml": SAM}, tagged("FnRole", kind="AwsIamRole"))
    assert location.address == "Resources.Fn"
    assert location.evidence[0].detail.endswith("made it as 'FnRole', which SAM makes of Fn")


def test_what_cdk_made_is_changed_in_its_construct(tmp_path: Path) -> None:
    result = missed(tmp_path, {"out.yaml": LOGS}, tagged("Logs", "shop", ("aws:cdk:path", "Shop/Logs/Resource")))
    assert "construct Shop/Logs/Resource" in result.reason
    told = LOGS.replace("Properties: {}", 'Metadata: { "aws:cdk:path": Shop/Logs/Resource }')
    assert "construct Shop/Logs/Resource" in missed(tmp_path, {"out.yaml": told}, tagged()).reason


@pytest.mark.parametrize(("path", "cdk"), [("cdk.json", True), ("apps/shop/cdk.json", True), ("notcdk.json", False)])
def test_a_cdk_app_keeps_no_templates(tmp_path: Path, path: str, *, cdk: bool) -> None:
    reason = missed(tmp_path, {path: '{"app": "node bin/app.js"}'}, tagged()).reason
    assert ("is a CDK app" in reason) is cdk


def test_a_macro_that_may_change_it_is_told(tmp_path: Path) -> None:
    location = found(tmp_path, {"app.yaml": "Transform: Shop::Macro\n" + LOGS}, tagged())
    assert location.evidence[-1].detail == "warning: Transform Shop::Macro at line 1 is not followed"


def test_what_stands_in_a_template_or_in_json_syntax_is_for_a_person(tmp_path: Path) -> None:
    json = '{"resource": {"aws_s3_bucket": {"b": {"bucket": "acme-logs"}}}}'
    outcome = Fixer(load_catalogue(), repository(tmp_path, {"main.tf.json": json})).fix(cloud("AwsS3Bucket", S3))
    assert outcome.status is Status.UNSUPPORTED
    assert "JSON syntax" in outcome.reason
