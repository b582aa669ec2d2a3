"""`iacfix pull` and `iacfix rules` as they are called, over the servers."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from tests.contract.aws import client
from tests.contract.security_hub import asff, bucket, hub
from tests.contract.test_automation_rules import RULES
from tests.contract.test_wiz import issue

from iacfix.domain.finding import Finding
from iacfix.entry.cli.main import cli
from iacfix.entry.cli.pull import Moment
from iacfix.findings import read_findings
from iacfix.findings.arrivals import open_message
from iacfix.testing.rest_server import Fault
from iacfix.testing.security_hub_server import Refusal, SecurityHubServer
from iacfix.testing.wiz_server import CLIENT_ID, CLIENT_SECRET, WizServer

__all__ = ["hub"]

Run = Callable[..., Result]
OWNERS = "default: governance\nrules:\n  - {name: shop, tags: 'label:team=shop', team: shop}\n"
CUT = Fault(403, '{"Code": "AccessDeniedException"}', {"x-amzn-ErrorType": "AccessDeniedException"})
DENIED = Refusal("AccessDeniedException", 403)


@pytest.fixture
def iacfix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(cli, arguments, input=stdin)

    return run


@pytest.fixture
def wiz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WizServer]:
    monkeypatch.setenv("WIZ_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("WIZ_CLIENT_SECRET", CLIENT_SECRET)
    with WizServer() as server:
        configured = {"wiz": {"api": server.api, "auth": server.auth}}
        (tmp_path / "iacfix.yaml").write_text(json.dumps(configured))
        yield server


def ids(text: str) -> list[str]:
    read = read_findings(text.encode())
    assert all(isinstance(each, Finding) for each in read), read
    return [each.id.rpartition("/")[2] for each in read]


def put(hub: SecurityHubServer) -> None:
    hub.findings.put(*(asff(number) for number in range(4)), asff(4, Severity={"Label": "HIGH"}))
    hub.findings.put(asff(5, Severity={"Label": "HIGH"}, AwsAccountId="444455556666"))


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_what_is_pulled_is_what_the_other_commands_read(
    hub: SecurityHubServer, iacfix: Run, tmp_path: Path, api: str
) -> None:
    put(hub)
    (tmp_path / "iacfix.yaml").write_text(
        json.dumps({"security_hub": {"api": api}, "triage": {"owners": "owners.yaml"}})
    )
    (tmp_path / "owners.yaml").write_text(OWNERS)
    done = iacfix("pull", "security-hub")
    assert (done.exit_code, ids(done.stdout)) == (0, [f"000{number}" for number in range(6)])
    assert done.stderr == (
        "6 findings of security-hub\n"
        "  high: 2 (111122223333 1, 444455556666 1)\n"
        "  medium: 4 (111122223333 4)\n"
    )  # fmt: skip
    if api == "v1":
        decided = iacfix("triage", "--findings", "-", "--output", "json", stdin=done.stdout)
        assert len(decided.stdout.splitlines()) == 6
    high = iacfix("pull", "security-hub", "--severity", "high", "--account", "444455556666", "--to", "high.json")
    assert (high.stdout, ids((tmp_path / "high.json").read_text())) == ("", ["0005"])
    assert [path.name for path in tmp_path.glob("*.part")] == []
    lines = iacfix("pull", "security-hub", "--since", "2026-11-04", "--output", "lines").stdout
    assert (len(lines.splitlines()), ids(lines)) == (3, ["0003", "0004", "0005"])
    none = iacfix("pull", "security-hub", "--severity", "low")
    assert (none.stdout, none.stderr) == ("[]\n", "0 findings of security-hub\n")


def test_a_pull_that_stops_says_where_and_goes_on_from_there(
    hub: SecurityHubServer, iacfix: Run, tmp_path: Path
) -> None:
    put(hub)
    told = iacfix("pull", "security-hub", "--output", "lines", "--to", "all.jsonl", "--severity", "medium")
    hub.operations.clear()
    assert ids((tmp_path / "all.jsonl").read_text()) == ["0000", "0001", "0002", "0003"]
    hub.faults = {len(hub.asked) + 2: CUT}
    stopped = iacfix("pull", "security-hub", "--output", "lines", "--to", "some.jsonl", "--severity", "medium")
    assert (told.exit_code, stopped.exit_code) == (0, 1)
    assert "it stopped before its end: AWS denies access" in stopped.stderr
    place = stopped.stderr.rpartition("--after ")[2].strip()
    assert ids((tmp_path / "some.jsonl").read_text()) == ["0000", "0001", "0002"]
    iacfix("pull", "security-hub", "--output", "lines", "--to", "some.jsonl", "--after", place)
    assert (tmp_path / "some.jsonl").read_text() == (tmp_path / "all.jsonl").read_text()
    wrong = iacfix("pull", "security-hub", "--after", "nowhere")
    assert (wrong.exit_code, "--after is no place" in str(wrong.exception)) == (1, True)
    assert iacfix("pull", "security-hub", "--since", "lately").exit_code == 2


def test_a_pull_goes_into_a_queue_that_is_worked_on(aws: str, hub: SecurityHubServer, iacfix: Run) -> None:
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="findings")["QueueUrl"]
    put(hub)
    assert iacfix("pull", "security-hub", "--queue", queue).stdout == "", aws
    bodies = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        bodies += [each["Body"] for each in messages]
    arrived = [read for body in bodies for arrival in open_message(body) for read in arrival.reads]
    assert sorted(each.id[-4:] for each in arrived) == [f"000{number}" for number in range(6)]
    assert all(isinstance(each, Finding) for each in arrived)


def test_a_role_is_taken_on_first(aws: str, hub: SecurityHubServer, iacfix: Run, tmp_path: Path) -> None:
    role = {"role_arn": "arn:aws:iam::111122223333:role/iacfix", "external_id": "e-1"}
    (tmp_path / "iacfix.yaml").write_text(json.dumps({"security_hub": role}))
    put(hub)
    done = iacfix("pull", "security-hub")
    assert (done.exit_code, len(ids(done.stdout))) == (0, 6), (aws, done.stderr)
    assert "AKIAIOSFODNN7EXAMPLE" not in hub.signed_by


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("", ""),
        ("2026-11-01", "2026-11-01T00:00:00+00:00"),
        ("2026-11-01T08:00:00+01:00", "2026-11-01T07:00:00+00:00"),
    ],
)
def test_a_moment_is_utcs(given: str, moment: str) -> None:
    assert Moment().convert(given, None, None) == moment


@pytest.mark.parametrize("given", ["lately", "0001-01-01T00:00:00+14:00", "7", "99999999d", "-1d"])
def test_what_is_no_moment_is_refused(given: str) -> None:
    with pytest.raises(click.BadParameter, match="write it like"):
        Moment().convert(given, None, None)
    ago = datetime.fromisoformat(Moment().convert("7d", None, None))
    assert ago < datetime.now(UTC) - timedelta(days=6)


def test_issues_of_wiz_are_pulled(wiz: WizServer, iacfix: Run) -> None:
    wiz.put(issue(1), issue(2, severity="LOW"))
    done = iacfix("pull", "wiz")
    assert done.exit_code == 0
    assert ids(done.stdout) == ["issue-1", "issue-2"]
    read = read_findings(done.stdout.encode())[0]
    assert isinstance(read, Finding)
    assert (read.source, read.resource.identifier, read.resource.account) == (
        "wiz",
        "arn:aws:s3:::logs",
        "111122223333",
    )
    assert (read.title, read.resource.tags) == ("S3 bucket has no logging", (("Team", "shop"),))
    assert "high: 1 (111122223333 1)" in done.stderr


def test_without_wiz_nothing_is_asked(iacfix: Run) -> None:
    done = iacfix("pull", "wiz")
    assert (done.exit_code, "says nothing of Wiz" in str(done.exception)) == (1, True)


def test_rules_are_planned_applied_and_then_as_they_should_be(
    hub: SecurityHubServer, iacfix: Run, tmp_path: Path
) -> None:
    (tmp_path / "rules.yaml").write_bytes(RULES)
    planned = iacfix("rules", "plan", "--rules", "rules.yaml")
    assert (planned.exit_code, planned.stdout.count("create"), hub.rules.kept) == (1, 5, {})
    assert iacfix("rules", "apply", "--rules", "rules.yaml").exit_code == 0
    assert len(hub.rules.kept) == 5
    again = iacfix("rules", "plan", "--rules", "rules.yaml")
    assert (again.exit_code, again.stdout.count("keep")) == (0, 5)
    hub.spoil("ListAutomationRules", DENIED)
    denied = iacfix("rules", "plan", "--rules", "rules.yaml")
    assert "securityhub:ListAutomationRules" in str(denied.exception)
    assert "no automation rules are named" in str(iacfix("rules", "plan").exception)


def test_triage_heeds_the_rules_for_what_never_passed_security_hub(iacfix: Run, tmp_path: Path) -> None:
    """The same weakness, once by Prowler in ASFF and once as Security Hub has it, where the rules were applied."""
    configured = {"triage": {"owners": "owners.yaml", "automation_rules": "rules.yaml"}}
    (tmp_path / "iacfix.yaml").write_text(json.dumps(configured))
    (tmp_path / "rules.yaml").write_bytes(RULES)
    (tmp_path / "owners.yaml").write_text(OWNERS)
    prowler = {"ProductArn": "arn:aws:securityhub:eu-west-1::product/prowler/prowler", "ProductName": "Prowler"}
    shop, logs = bucket("shop-orders", Environment="prod"), bucket("a-logs", Purpose="logs")
    findings = [
        asff(1, Id="prowler-1", Resources=[shop], **prowler),
        asff(2, Id="prowler-2", Resources=[logs], **prowler),
        asff(3, Resources=[shop]),
    ]
    done = iacfix("triage", "--findings", "-", "--output", "json", stdin=json.dumps(findings))
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert (first["owner"]["team"], third["owner"]["team"]) == ("shop", "governance")
    said = [each["reason"] for each in first["reasons"] if each["rule"] == "automation rule"]
    assert said == [
        "production is critical makes it critical instead of medium",
        "the team of the shop labels it team=shop",
        "the team of the shop labels it queue=fast",
    ]
    assert second["against"][0] == {
        "rule": "automation rule",
        "reason": "access logs need no logs: A bucket of access logs.",
    }
    assert "automation rule" not in {each["rule"] for each in third["reasons"]}
