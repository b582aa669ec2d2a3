"""How long a question to a model is, against the file that it is about. Estimated: bytes / 3.5, rounded up.

Files are made: one target with variables, a local, a companion and readers around it, and many blocks that have nothing
to do with it.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import results
from benchmarks.opened import opened

from iacfix.controls import load_catalogue
from iacfix.domain.finding import CloudResource, Finding, Hint
from iacfix.domain.location import Framework, Location
from iacfix.generation.context import FixContext, RejectedAttempt
from iacfix.generation.model import budget
from iacfix.generation.model.prompt import answered, fix_prompt, form_text, retry_prompt, system_prompt, texts_to_hide
from iacfix.generation.redaction import Redaction
from iacfix.locators.locate import Sources, locate
from iacfix.workflows.examples import examples
from iacfix.workflows.surroundings import describe

CATALOGUE = load_catalogue()
LINES = (200, 2_000, 20_000)

TERRAFORM = """resource "aws_s3_bucket" "logs" {
  bucket        = "${var.name}-${local.suffix}"
  force_destroy = var.force_destroy

  tags = {
    Team = var.team
  }
}

variable "name" {
  type        = string
  description = "Name of the bucket, without its suffix"
}

variable "force_destroy" {
  type    = bool
  default = false
}

variable "team" {
  type = string
}

locals {
  suffix = "logs"
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json
}

data "aws_iam_policy_document" "logs" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.logs.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [var.reader]
    }
  }
}

"""
TEMPLATE = """Parameters:
  Name:
    Type: String
Resources:
  Logs:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties:
      BucketName: !Sub "${Name}-logs"
      Tags:
        - Key: Team
          Value: platform
  LogsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: !Sub "${Logs.Arn}/*"
            Principal: {AWS: "*"}
"""


@dataclass(frozen=True)
class Size:
    lines: int
    language: str
    target: int
    file_tokens: int
    first: int
    retry: int

    def cells(self) -> tuple[object, ...]:
        ratio = f"{self.file_tokens / self.first:.1f}"
        return self.language, f"{self.lines:,}", self.target, f"{self.file_tokens:,}", self.first, self.retry, ratio


def terraform(lines: int, extra: int) -> str:
    """`extra`: lines of tags in the target."""
    tags = "".join(f'    Tag{number} = "value of tag {number}"\n' for number in range(extra))
    head = TERRAFORM.replace("    Team = var.team\n", f"    Team = var.team\n{tags}")
    count = max(lines - head.count("\n"), 0) // 6
    return head + "".join(
        f'resource "aws_sqs_queue" "q{number}" {{\n  name                      = "queue-{number}"\n'
        f'  message_retention_seconds = 86400\n  tags                      = {{ Team = "jobs" }}\n}}\n\n'
        for number in range(count)
    )


def template(lines: int, extra: int) -> str:
    tags = "".join(f"        - Key: Tag{number}\n          Value: value-{number}\n" for number in range(extra // 2))
    head = TEMPLATE.replace("          Value: platform\n", f"          Value: platform\n{tags}")
    count = max(lines - head.count("\n"), 0) // 5
    return head + "".join(
        f"  Queue{number}:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: queue-{number}\n"
        "      MessageRetentionPeriod: 86400\n"
        for number in range(count)
    )


def context_of(folder: Path, path: str, resource: str) -> FixContext:
    repository = opened(folder)
    end = (folder / path).read_text().count("\n")
    finding = Finding(
        "checkov",
        f"checkov:CKV_AWS_53:{path}:{resource}",
        "CKV_AWS_53",
        "Ensure S3 bucket has block public ACLS enabled",
        CloudResource(resource.rpartition(".")[0], resource),
        hint=Hint(path, resource, 1, end),
    )
    location = locate(finding, repository, Sources())
    assert isinstance(location, Location), location
    code = repository.module_of(path) if location.framework is Framework.TERRAFORM else repository.template(path)
    control = CATALOGUE.find(finding.source, finding.check_id, finding.resource.type)
    assert control is not None
    context = describe(finding, control, location, code)
    near = examples(finding, control, location, context.resource_type, CATALOGUE)
    return replace(context, examples=near)


def sizes(context: FixContext) -> tuple[int, int]:
    """Of the first question, and of a third one after two answers that touch the whole target."""
    lines = context.target.splitlines()[:60]
    diff = f"--- a/{context.location.path}\n+++ b/{context.location.path}\n@@ @@\n" + "".join(
        f" {line}\n" for line in lines
    )
    refused = RejectedAttempt(diff, "apply", "hunk 1 does not match: its lines do not stand in the file. " * 8)
    redaction = Redaction.of(texts_to_hide(context, [refused]))
    first = system_prompt(context.location.framework) + form_text() + fix_prompt(context, redaction)
    again = answered(refused, redaction) + retry_prompt(context, [refused, refused], redaction)
    return budget.tokens(first), budget.tokens(first + again)


def measure(counts: Sequence[int]) -> list[Size]:
    found = []
    for lines in counts:
        for extra in (0, 400):
            for language, path, text, resource in (
                ("Terraform", "main.tf", terraform(lines, extra), "aws_s3_bucket.logs"),
                ("CloudFormation", "stack.yaml", template(lines, extra), "AWS::S3::Bucket.Logs"),
            ):
                with tempfile.TemporaryDirectory() as name:
                    (Path(name) / path).write_text(text)
                    context = context_of(Path(name), path, resource)
                first, retry = sizes(context)
                long = context.target.count("\n") + 1
                found.append(Size(text.count("\n"), language, long, budget.tokens(text), first, retry))
    return found


def page(found: Sequence[Size]) -> str:
    head = (
        f"## Prompt sizes\n\n{results.made_by('prompt_size --write')} Estimated input tokens (bytes / 3.5, rounded up) "
        "of a whole first question (system part, form, finding, code, examples) and of a third one after two refusals, "
        f"against the file that the finding is in. The budget of a first question is {budget.MAX_INPUT_TOKENS:,}."
    )
    headings = ("language", "lines of the file", "of the target", "file", "first question", "third", "file / first")
    return f"{head}\n\n{results.table(headings, [size.cells() for size in found])}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, nargs="*", default=list(LINES))
    options.add_argument("--write", action="store_true", help="keep the table in benchmarks/RESULTS.md")
    given = options.parse_args()
    text = page(measure(given.lines))
    print(text)
    if given.write:
        results.write("prompt_size", text)


if __name__ == "__main__":
    main()
