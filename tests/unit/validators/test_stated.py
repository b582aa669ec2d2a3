"""What is so anyway may be written beside a fix; anything else there is beside the finding."""

from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.outcome import Outcome
from iacfix.domain.proposal import Edit
from iacfix.iac.values import Known, Unknown
from iacfix.patches import render_diff
from iacfix.validators.stated import CLOUDFORMATION, TERRAFORM, is_so_anyway
from iacfix.workflows.fix import Fixer
from iacfix.workflows.validate import judged, unsigned

CATALOGUE = load_catalogue()
SERVER = 'resource "aws_instance" "web" {\n  instance_type = "t3.micro"\n}\n'
BALANCER = """Resources:
  Front:
    Type: AWS::ElasticLoadBalancing::LoadBalancer
    Properties:
      Listeners: []
"""


def given(folder: Path, path: str, before: str, after: str, check: str, resource: str) -> Outcome:
    read = finding(check, resource, path)
    assert isinstance(read, Finding)
    fixer = Fixer(CATALOGUE, repository(folder, {path: before}))
    return judged(read, unsigned(render_diff([Edit(path, before.encode(), after.encode())])), fixer)


def server(folder: Path, *lines: str, before: str = SERVER) -> str:
    inner = "".join(f"    {line}\n" for line in ('http_tokens = "required"', *lines))
    after = SERVER.replace("}\n", f"\n  metadata_options {{\n{inner}  }}\n}}\n")
    return given(folder, "main.tf", before, after, "CKV_AWS_79", "aws_instance.web").reason


def balancer(folder: Path, interval: str) -> str:
    policy = f"{{Enabled: true, S3BucketName: !Ref Logs, EmitInterval: {interval}}}"
    after = f"Parameters:\n  Logs:\n    Type: String\n{BALANCER}      AccessLoggingPolicy: {policy}\n"
    return given(
        folder, "t.yaml", BALANCER, after, "CKV_AWS_92", "AWS::ElasticLoadBalancing::LoadBalancer.Front"
    ).reason


@pytest.mark.parametrize(
    "lines",
    [
        ('http_endpoint = "enabled"',),
        ('instance_metadata_tags = "disabled"',),
        ('http_endpoint = "enabled"', 'http_protocol_ipv6 = "disabled"'),
    ],
)
def test_what_is_so_anyway_may_be_said(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert server(tmp_path, *lines) == ""


@pytest.mark.parametrize(
    "line",
    [
        'http_endpoint = "disabled"',
        "http_endpoint = terraform.workspace",
        'instance_metadata_tags = "enabled"',
        'http_protocol_ipv6 = "enabled"',
        "http_put_response_hop_limit = 64",
    ],
)
def test_anything_else_there_is_beside_the_finding(tmp_path: Path, line: str) -> None:
    assert "which the finding is not about" in server(tmp_path, line)


def test_what_was_written_otherwise_is_not_so_anyway(tmp_path: Path) -> None:
    before = SERVER.replace("}\n", '\n  metadata_options {\n    http_endpoint = "disabled"\n  }\n}\n')
    assert "metadata_options.http_endpoint changed" in server(tmp_path, 'http_endpoint = "enabled"', before=before)


@pytest.mark.parametrize(("interval", "refused"), [("60", False), ("'60'", False), ("5", True), ("!Ref Logs", True)])
def test_it_is_the_same_in_templates(tmp_path: Path, interval: str, refused: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert ("EmitInterval changed, which the finding is not about" in balancer(tmp_path, interval)) is refused


def test_only_what_was_not_written_is_compared() -> None:
    for table in (TERRAFORM, CLOUDFORMATION):
        for anyway in table.values():
            for path, value in anyway.items():
                assert is_so_anyway(anyway, path, None, Known(value))
                assert not is_so_anyway(anyway, path, Known(value), Known(value))
                assert not is_so_anyway(anyway, path, None, Unknown("x"))
                assert not is_so_anyway(anyway, path, None, Known(None))
                assert not is_so_anyway(anyway, f"{path}.more", None, Known(value))
