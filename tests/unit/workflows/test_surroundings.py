from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.errors import DocumentError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Framework, Location
from iacfix.generation.context import FixContext
from iacfix.locators.locate import Sources, locate
from iacfix.locators.repository import Repository
from iacfix.workflows.examples import MAX_EXAMPLES, examples
from iacfix.workflows.surroundings import describe

CATALOGUE = load_catalogue()
MAIN = """terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.40"
    }
  }
}

resource "aws_sns_topic" "far" {
  name = "far"
}

  resource "aws_s3_bucket" "logs" {
    bucket = "${var.name}-${local.suffix}"
    tags   = { key = aws_kms_key.data.arn }
  }

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
}
"""
FILES = {
    "main.tf": MAIN,
    "values.tf": 'variable "name" {\n  type = string\n}\n\nlocals {\n  suffix = "x"\n  other  = 1\n}\n',
    "keys.tf": 'resource "aws_kms_key" "data" {\n}\n',
    "access.tf": 'resource "aws_s3_bucket_public_access_block" "logs" {\n  bucket = aws_s3_bucket.logs.id\n}\n',
}
TEMPLATE = """Parameters:
  Name:
    Type: String
Resources:
  Key:
    Type: AWS::KMS::Key
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Ref Name
      KmsMasterKeyId: !GetAtt Key.Arn
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues:
        - !Ref Jobs
  Other:
    Type: AWS::SNS::Topic
"""


def located(repo: Repository, read: Finding) -> Location:
    found = locate(read, repo, Sources())
    assert isinstance(found, Location)
    return found


def read(check: str, resource: str, path: str, lines: tuple[int, int] = (1, 3)) -> Finding:
    found = finding(check, resource, path, lines)
    assert isinstance(found, Finding)
    return found


def of_terraform(folder: Path, files: dict[str, str] = FILES) -> FixContext:
    repo = repository(folder, files)
    what = read("CKV_AWS_53", "aws_s3_bucket.logs", "main.tf", (14, 17))
    control = CATALOGUE.find(what.source, what.check_id, what.resource.type)
    return describe(what, control, located(repo, what), repo.module_of("main.tf"))


def of_template(folder: Path, text: str = TEMPLATE, path: str = "shop.yaml") -> FixContext:
    repo = repository(folder, {path: text})
    what = read("CKV_AWS_27", "AWS::SQS::Queue.Jobs", path, (7, 11))
    control = CATALOGUE.find(what.source, what.check_id, what.resource.type)
    return describe(what, control, located(repo, what), repo.template(path))


def test_the_blocks_around_come_nearest_first_each_with_its_relation(tmp_path: Path) -> None:
    context = of_terraform(tmp_path)
    assert [(block.address, block.relation) for block in context.related] == [
        ("var.name", "read by it"),
        ("local.suffix", "read by it"),
        ("aws_s3_bucket_public_access_block.logs", "an allowed companion that refers to it"),
        ("aws_s3_bucket_policy.logs", "refers to it"),
        ("aws_kms_key.data", "it refers to this"),
    ]
    assert context.related[1].text == 'locals {\n  suffix = "x"\n}'


def test_the_target_is_shown_in_whole_lines(tmp_path: Path) -> None:
    assert of_terraform(tmp_path / "a").target.startswith('  resource "aws_s3_bucket" "logs" {\n    bucket')
    assert of_template(tmp_path / "b").target.startswith("  Jobs:\n    Type: AWS::SQS::Queue\n")
    crlf = of_template(tmp_path / "c", TEMPLATE.replace("\n", "\r\n")).target
    assert "\r\n" in crlf
    assert not crlf.endswith("\r")


def test_what_the_folder_requires_of_the_provider_is_told(tmp_path: Path) -> None:
    assert of_terraform(tmp_path).provider == 'aws = { source = "hashicorp/aws" version = "~> 5.40" }'


def test_the_resources_around_one_of_a_template(tmp_path: Path) -> None:
    context = of_template(tmp_path)
    assert [(block.address, block.relation) for block in context.related] == [
        ("Parameters.Name", "read by it"),
        ("Resources.Policy", "refers to it"),
        ("Resources.Key", "it refers to this"),
    ]
    assert context.related[2].text == "  Key:\n    Type: AWS::KMS::Key"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MAIN, "indentation: 2 spaces"),
        (MAIN.replace("\n", "\r\n"), "lines end with CR LF"),
        (MAIN, "`tags` is the last argument"),
        (MAIN.replace("    tags   = ", "    tags = "), "equals signs are not aligned"),
        (MAIN.replace("  bucket", "\tbucket").replace("  name", "\tname"), "indentation: one tab"),
    ],
)
def test_the_house_style_of_a_file(tmp_path: Path, text: str, said: str) -> None:
    assert said in of_terraform(tmp_path, {**FILES, "main.tf": text}).style


def test_the_house_style_of_a_template(tmp_path: Path) -> None:
    style = of_template(tmp_path).style
    assert style == (
        "YAML, indentation: 2 spaces",
        "strings that need quotes take double ones",
        "the dash of a list is indented by 2 from its key",
        "functions are written short, as `!Ref`",
    )


def test_a_block_that_is_gone_is_no_question_for_a_model(tmp_path: Path) -> None:
    repo = repository(tmp_path, FILES)
    what = read("CKV_AWS_53", "aws_s3_bucket.logs", "main.tf", (14, 17))
    location = located(repo, what)
    for text in (MAIN.replace('"logs"', '"moved"'), "\n" + MAIN, "x = \n"):
        repo.replace("main.tf", text.encode())
        with pytest.raises(DocumentError, match="any more"):
            describe(what, None, location, repo.module_of("main.tf"))


@pytest.mark.parametrize(
    ("check", "kind", "path", "said"),
    [
        ("CKV_AWS_7", "aws_kms_key", "main.tf", "+  enable_key_rotation = true"),
        ("CKV_AWS_27", "AWS::SQS::Queue", "shop.yaml", "+    Properties:"),
        ("CKV_AWS_27", "AWS::SQS::Queue", "shop.json", '+        "SqsManagedSseEnabled": true'),
        ("CKV_AWS_9999", "aws_s3_bucket", "main.tf", "+resource"),
    ],
)
def test_examples_are_fixes_of_the_nearest_controls(check: str, kind: str, path: str, said: str) -> None:
    what = read(check, f"{kind}.x", path)
    control = CATALOGUE.find(what.source, what.check_id, kind)
    framework = Framework.TERRAFORM if path.endswith(".tf") else Framework.CLOUDFORMATION
    place = Location(path, f"{kind}.x", framework, 0, 1, 1, 1, (), 1.0)
    found = examples(what, control, place, kind, CATALOGUE)
    assert 0 < len(found) <= MAX_EXAMPLES
    assert any(said in each.diff for each in found)
    if control is not None:
        assert found[0].weakness == control.title.rstrip(".")


def test_there_is_no_example_for_a_kind_that_no_recipe_knows() -> None:
    what = read("CKV_AWS_9999", "aws_nothing.x", "main.tf")
    place = Location("main.tf", "aws_nothing.x", Framework.TERRAFORM, 0, 1, 1, 1, (), 1.0)
    assert examples(what, None, place, "aws_nothing", CATALOGUE) == ()
