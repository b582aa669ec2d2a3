import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iacfix.controls import load_catalogue
from iacfix.entry.cli.controls import controls, record
from iacfix.entry.cli.main import cli

SHIPPED = load_catalogue()
REPORT = {
    "check_type": "terraform",
    "results": {
        "failed_checks": [
            {"check_id": check, "check_name": "A [bold]check[/bold]", "resource": f"{kind}.x", "file_path": "/x.tf"}
            for check, kind in (
                ("CKV_AWS_7", "aws_kms_key"),
                ("CKV_AWS_3", "aws_ebs_volume"),
                ("CKV_[red]\x1b1", "aws_x"),
            )
        ]
    },
}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["controls", *arguments])


def test_the_list_is_filtered() -> None:
    assert "s3-versioning" in run("list", "--service", "s3").output
    assert "kms-key-rotation" not in run("list", "--service", "s3").output
    assert "ec2-ebs-optimized" not in run("list", "--tool", "trivy").output
    assert "ec2-ebs-optimized" in run("list", "--tool", "checkov").output
    assert "rds-storage-encryption" not in run("list", "--language", "terraform").output
    listed = json.loads(run("list", "--service", "kms", "--output", "json").output)
    assert {each["id"].split("-")[0] for each in listed} == {"kms"}
    assert len(json.loads(run("list", "--output", "json").output)) == len(SHIPPED.controls)


@pytest.mark.parametrize(("option", "said"), [("--service", ", cloudtrail, "), ("--tool", "there are checkov")])
def test_a_filter_that_can_match_nothing_says_what_there_is(option: str, said: str) -> None:
    result = run("list", option, "nonsense\x1b")
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert "\x1b" not in result.output


def test_a_control_is_shown_with_its_recipe_in_words() -> None:
    shown = run("show", "cis-aws-foundations-benchmark/v/1.2.0/2.8").output
    assert "kms-key-rotation" in shown
    assert "CIS.1.2.0/2.8" in shown
    assert "`enable_key_rotation` is `true`" in shown
    assert "[audit, error" not in run("show", "rds-cluster-log-exports").output
    assert "holds `audit`, `error`, `general`, `slowquery`; what else it holds stays" in run("show", "RDS.34").output


def test_a_control_is_shown_as_json() -> None:
    (shown,) = json.loads(run("show", "s3-versioning", "--output", "json").output)
    assert shown["names"]["trivy"] == ["AWS-0090"]
    assert shown["terraform"]["companions"] == ["aws_s3_bucket_versioning"]
    assert shown == json.loads(json.dumps(record(next(each for each in SHIPPED if each.id == "s3-versioning"))))


def test_an_id_that_is_nearly_right_is_answered_with_the_nearest() -> None:
    result = run("show", "CKV-AWS-007")
    assert result.exit_code == 2
    assert "the nearest: kms-key-rotation" in result.output
    assert "see `iacfix controls list`" in run("show", "KMS.99").output


def test_coverage_counts_each_tools_checks() -> None:
    counted = json.loads(run("coverage", "--output", "json").output)
    assert set(counted) == {"security_hub", "checkov", "trivy", "prowler"}
    for tool in counted.values():
        services = tool["services"].values()
        assert tool["with_control"] == sum(each["with_control"] for each in services) > 0
        assert tool["checks"] == sum(each["checks"] for each in services)
    assert f"{counted['checkov']['with_control']}/{counted['checkov']['checks']}" in run("coverage").output


def test_coverage_of_a_report_tells_what_is_known_declined_and_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(REPORT))
    result = run("coverage", "--findings", str(path), "--output", "json")
    assert result.exit_code == 0
    told = json.loads(result.output)
    assert told["findings"] == {"known": 1, "declined": 1, "unsupported": 1, "invalid": 0}
    assert {each["check_id"]: each["standing"] for each in told["checks"]}["CKV_AWS_3"] == "declined"
    shown = run("coverage", "--findings", str(path)).output
    assert "CKV_[red]" in shown
    assert "\x1b1" not in shown


def test_the_list_is_what_comes_without_a_command() -> None:
    assert run().output == run("list").output
    assert controls.name == "controls"
