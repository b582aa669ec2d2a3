"""Every check against an account of moto: what is wrong is still open, what is right is resolved, what is not there is
gone. moto knows no requests but real ones: they go over HTTP, through the adapter, with botocore's own model.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.contract.aws import REGION, post
from tests.contract.faulty_proxy import Fault, faulty
from tests.contract.postures import accounts, buckets, databases, machines, networks, services
from tests.contract.postures.other_ways import other_ways
from tests.contract.postures.tools import ACCOUNT, Made, Posture, client, key, subnets
from tests.support.aws_calls import allowed, calls_made
from tests.unit.verification.raw_answers import RAW

from iacfix.adapters.aws.posture import AwsPosture, Reading
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.verification import Result, Verification
from iacfix.entry.cli.main import cli
from iacfix.ledger.audit import MAIN, appended
from iacfix.ledger.identity import ledger_key
from iacfix.permissions.actions import actions
from iacfix.ports.posture import Answer, At, PostureError, PostureReader
from iacfix.verification import CHECKS, every_operation
from iacfix.workflows.verify import Verifier, correlation

POSTURES = (
    *(buckets.POSTURES + networks.POSTURES + databases.POSTURES),
    *(accounts.POSTURES + machines.POSTURES + services.POSTURES),
)
ROWS = [(control, posture) for posture in POSTURES for control in posture.controls]


@pytest.fixture(scope="module")
def account(moto_url: str) -> Iterator[str]:
    """One for all rows: making what is looked at costs most of the time."""
    post(f"{moto_url}/moto-api/reset")
    yield moto_url
    for each in (client, key, subnets, made):
        each.cache_clear()


@pytest.fixture(autouse=True)
def _leads_there(account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("AWS_ENDPOINT_URL", account), ("AWS_REGION", REGION), ("AWS_DEFAULT_REGION", REGION)):
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def kept() -> "Kept":
    return Kept(AwsPosture(Reading(every_operation())))


@cache
def load_once() -> Catalogue:
    return load_catalogue()


@cache
def made(posture: Posture) -> Made:
    return posture.make()


def look(verifier: Verifier, control: str, identifier: str) -> Verification:
    name, _, region = identifier.partition("@")
    resource = CloudResource("", name, account=ACCOUNT, region=region or ("" if name.startswith("arn:") else REGION))
    return verifier.verify(Finding("iacfix", "f", control, control, resource, control))


@dataclass
class Kept:
    """Answers of moto, asked for once."""

    reader: AwsPosture
    calls: set[tuple[str, str]] = field(default_factory=set)
    answers: dict[str, Answer | PostureError] = field(default_factory=dict)

    def read(self, service: str, operation: str, parameters: Mapping[str, object], at: At) -> Answer:
        key = json.dumps([service, operation, parameters, at.account, at.region], sort_keys=True)
        if key not in self.answers:
            with calls_made() as made:
                try:
                    self.answers[key] = self.reader.read(service, operation, parameters, at)
                except PostureError as error:
                    self.answers[key] = error
            self.calls |= made
        answer = self.answers[key]
        if isinstance(answer, PostureError):
            raise answer
        return answer


@dataclass
class Failing:
    """The first calls fail."""

    reader: Kept
    faults: list[PostureError]

    def read(self, service: str, operation: str, parameters: Mapping[str, object], at: At) -> Answer:
        if self.faults:
            raise self.faults.pop(0)
        return self.reader.read(service, operation, parameters, at)


BUSY = PostureError("slow down", code="ThrottlingException", passes=True)
DENIED = PostureError("no", code="AccessDeniedException")


@pytest.mark.parametrize(("control", "posture"), ROWS, ids=[f"{each.make.__name__[1:]}-{name}" for name, each in ROWS])
def test_a_look_tells_wrong_from_right_from_gone(kept: Kept, control: str, posture: Posture) -> None:
    """Throttled twice, thrice, and denied too: what moto answered is kept, so that it is asked once."""
    found = made(posture)
    for identifier, faults, result, calls in (
        (found.wrong, [], Result.STILL_OPEN, 0),
        (found.right, [], Result.RESOLVED, 0),
        (found.gone, [], Result.RESOURCE_GONE, 0),
        (found.right, [BUSY, BUSY], Result.RESOLVED, 0),
        (found.right, [BUSY, BUSY, BUSY], Result.ERROR, 3),
        (found.right, [DENIED], Result.ERROR, 1),
    ):
        if identifier:
            seen = look(_through(Failing(kept, list(faults))), control, identifier)
            assert seen.result == result, f"{identifier}: {seen.seen}"
            assert not calls or seen.calls == calls
            assert "hunter2" not in seen.evidence


def test_the_role_that_looks_allows_what_was_asked_and_nothing_else(kept: Kept) -> None:
    for control, posture in ROWS:
        found = made(posture)
        for identifier in filter(None, (found.wrong, found.right, found.gone)):
            look(_through(kept), control, identifier)
    for control, identifier in other_ways():
        look(_through(kept), control, identifier)
    asked = kept.calls - {("sts", "GetCallerIdentity")}  # everybody may ask who they are
    assert set(actions(asked)) == allowed("verify", {control for control, _ in ROWS})


def _through(reader: PostureReader) -> Verifier:
    return Verifier(load_once(), lambda _: reader, wait=0, pause=lambda _: None)


SLOW = Fault(503, b"<Error><Code>SlowDown</Code><Message>x</Message></Error>")
LIMIT = Fault(503, b"<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>")
THROTTLED = Fault(400, b'{"__type":"ThrottlingException"}', "application/x-amz-json-1.1", "ThrottlingException")
REST_THROTTLED = Fault(429, b"{}", "application/json", "TooManyRequestsException")
DENIALS = {
    "rest-xml": Fault(403, b"<Error><Code>AccessDenied</Code><Message>not you</Message></Error>"),
    "ec2": Fault(403, b"<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>"),
    "query": Fault(403, b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"),
    "json": Fault(400, b'{"__type":"AccessDeniedException"}', "application/x-amz-json-1.1", "AccessDeniedException"),
    "rest-json": Fault(403, b"{}", "application/json", "AccessDeniedException"),
}
# One service for each protocol that AWS speaks; the word is what only requests of the looked-for operation hold.
WIRES = {
    "rest-xml": ("s3-versioning", buckets.POSTURES[0], "?versioning", SLOW),
    "ec2": ("ec2-source-destination-check", networks.POSTURES[5], "DescribeNetworkInterfaces", LIMIT),
    "query": ("iam-role-trust-not-everybody", accounts.POSTURES[2], "Action=GetRole", LIMIT),
    "json": ("dynamodb-deletion-protection", databases.POSTURES[3], "DescribeTable", THROTTLED),
    "rest-json": ("eks-control-plane-logging", machines.POSTURES[6], "/clusters/right", REST_THROTTLED),
}


@pytest.mark.parametrize("protocol", sorted(WIRES))
def test_faults_on_the_wire(account: str, monkeypatch: pytest.MonkeyPatch, protocol: str) -> None:
    control, posture, word, busy = WIRES[protocol]
    right = made(posture).right
    with faulty(account) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        posture_reader = AwsPosture(Reading(every_operation()))
        pauses: list[float] = []
        verifier = Verifier(load_once(), posture_reader.about, wait=0, pause=pauses.append)
        broken, cut = Fault(500, b"oops"), Fault(cut=True)
        for faults, result, calls, waited in (
            ([busy, busy], Result.RESOLVED, 3, [1, 2]),
            ([broken, cut], Result.RESOLVED, 3, [1, 2]),
            ([busy, cut, broken], Result.ERROR, 3, [1, 2]),
            ([DENIALS[protocol]], Result.ERROR, 1, []),
        ):
            proxy.word, proxy.faults = word, list(faults)
            proxy.asked.clear()
            pauses.clear()
            seen = look(verifier, control, right)
            assert (seen.result, len(proxy.asked), pauses) == (result, calls, waited), seen.seen


def test_a_role_is_taken_on_in_each_account(account: str) -> None:
    other = "210987654321"
    role = "arn:aws:iam::{account}:role/iacfix-looks"
    reading = Reading(
        every_operation(), role=role, external_id="ours-alone", accounts=(ACCOUNT, other), regions=(REGION,)
    )
    verifier = Verifier(load_once(), AwsPosture(reading).about, wait=0, pause=lambda _: None)
    resource = CloudResource("", f"arn:aws:dynamodb:{REGION}:{other}:table/right")
    finding = Finding("iacfix", "f", "x", "x", resource, "dynamodb-deletion-protection")
    with faulty(account) as proxy, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", proxy.url)
        proxy.word = "Action=AssumeRole"
        seen = verifier.verify(finding)
        assert proxy.asked, seen.seen
        (asked,) = proxy.asked
    made(databases.POSTURES[3])  # a table of this name is there, in the first account
    assert seen.result is Result.RESOURCE_GONE, seen.seen
    assert "role%2Fiacfix-looks" in asked
    assert f"RoleSessionName=iacfix-verify-{correlation(finding)}" in asked
    assert "ExternalId=ours-alone" in asked
    assert f"Tags.member.1.Value={correlation(finding)}" in asked


@pytest.mark.parametrize(
    ("arn", "reading"),
    [
        (f"arn:aws:dynamodb:{REGION}:999999999999:table/right", Reading(every_operation())),
        (f"arn:aws:dynamodb:{REGION}:999999999999:table/right", Reading(every_operation(), "r", accounts=(ACCOUNT,))),
        (f"arn:aws:dynamodb:eu-west-3:{ACCOUNT}:table/right", Reading(every_operation(), regions=(REGION,))),
        (f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/right", Reading(frozenset({("s3", "GetBucketAcl")}))),
    ],
    ids=["not our account", "not a listed account", "not a listed region", "not a listed operation"],
)
def test_what_is_not_allowed_is_not_looked_at(arn: str, reading: Reading) -> None:
    """Nor is it gone: a name that another account does not have says nothing."""
    verifier = Verifier(load_once(), AwsPosture(reading).about, wait=0, pause=lambda _: None)
    seen = verifier.verify(Finding("iacfix", "f", "x", "x", CloudResource("", arn), "dynamodb-deletion-protection"))
    assert (seen.result, "nobody could look" in seen.seen) == (Result.ERROR, True)


def test_who_asks_is_asked_again_where_nobody_answered(account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = f"arn:aws:dynamodb:{REGION}:999999999999:table/right"
    with faulty(account) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        proxy.word, proxy.faults = "Action=GetCallerIdentity", [LIMIT]
        verifier = Verifier(load_once(), AwsPosture(Reading(every_operation())).about, wait=0, pause=lambda _: None)
        seen = verifier.verify(Finding("iacfix", "f", "x", "x", CloudResource("", arn), "dynamodb-deletion-protection"))
        assert (seen.result, len(proxy.asked)) == (Result.ERROR, 2), seen.seen


@pytest.mark.parametrize(
    "operation", [("s3", "PutBucketAcl"), ("s3", "GetObject"), ("secretsmanager", "GetSecretValue")]
)
def test_nothing_that_writes_or_reads_data_can_be_allowed(operation: tuple[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        Reading(frozenset({operation}))


def test_a_role_needs_a_list_of_accounts() -> None:
    with pytest.raises(ConfigurationError):
        Reading(every_operation(), role="arn:aws:iam::{account}:role/x")


def test_the_command_looks_at_what_is_asked_for(tmp_path: Path) -> None:
    table = made(databases.POSTURES[3])
    kept = tmp_path / "evidence"
    asked = ["verify", "--control", "DynamoDB.6", "--resource", table.right, "--now", "--output", "json"]
    ended = CliRunner().invoke(cli, [*asked, "--evidence", str(kept)])
    assert ended.exit_code == 0, ended.output
    told = json.loads(ended.stdout)
    assert (told["result"], told["check"]) == ("resolved", "dynamodb_deletion_protection")
    written = (kept / f"{told['id']}.json").read_bytes()
    assert hashlib.sha256(written).hexdigest() == told["evidence_sha256"]


def test_the_command_looks_at_findings_and_tells_the_ledger(tmp_path: Path) -> None:
    table = made(databases.POSTURES[3])
    finding = {
        "SchemaVersion": "2018-10-08",
        "Id": "f-1",
        "ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/securityhub",
        "GeneratorId": "security-control/DynamoDB.6",
        "AwsAccountId": ACCOUNT,
        "Types": [],
        "CreatedAt": "2026-11-21T00:00:00Z",
        "UpdatedAt": "2026-11-21T00:00:00Z",
        "Severity": {"Label": "MEDIUM"},
        "Title": "DynamoDB tables should have deletion protection enabled",
        "Description": "x",
        "Compliance": {"Status": "FAILED", "SecurityControlId": "DynamoDB.6"},
        "Resources": [
            {"Type": "AwsDynamoDbTable", "Id": each, "Region": REGION}
            for each in (table.right, table.wrong, table.gone)
        ],
    }
    path, ledger = tmp_path / "finding.json", tmp_path / "ledger.sqlite"
    path.write_text(json.dumps({"Findings": [finding]}))
    ended = CliRunner().invoke(cli, ["verify", str(path), "--now", "--ledger", str(ledger)])
    assert ended.exit_code == 1, ended.output
    results = [line.partition("  ")[0] for line in ended.stdout.splitlines() if "dynamodb-deletion-protection" in line]
    assert results == ["resolved", "still open", "resource gone"]
    assert ended.stderr.count("the ledger does not know") == 3
    assert [json.loads(line)["action"] for line in SqliteLedger(ledger).audit()] == ["finding.verified"] * 3


def test_the_command_looks_again_at_what_the_ledger_says(tmp_path: Path) -> None:
    """What was fixed stays so, or begins another round; what is known by its code has no live resource."""
    table, ledger = made(databases.POSTURES[3]), SqliteLedger(tmp_path / "ledger.sqlite")
    asked = ["verify", "--now", "--ledger", str(tmp_path / "ledger.sqlite"), "--standing"]
    for number, (state, identifier) in enumerate(
        ((State.FIXED, table.right), (State.FIXED, table.wrong), (State.FIXED, "aws_dynamodb_table.orders"))
    ):
        resource = CloudResource("", identifier, account=ACCOUNT, region=REGION)
        key = ledger_key(Finding("x", "x", "x", "x", resource, "dynamodb-deletion-protection"))
        known_by_code = not identifier.startswith("arn:")
        at = "2026-11-21T00:00:00+00:00"
        entry = LedgerEntry(
            f"{number}" * 64 if known_by_code else key,
            *(state, 1, at, at, "dynamodb-deletion-protection", identifier, ACCOUNT, REGION),
        )
        event = AuditEvent(at, "test", f"finding.{state}", AuditResult.DONE, "so it is", key=entry.key)
        ledger.write(appended(ledger.head(MAIN), event, MAIN), entry)
    ended = CliRunner().invoke(cli, [*asked, "fixed"])
    assert ended.exit_code == 1, ended.output
    assert "known by its code" in ended.stderr
    found = {entry.resource: (entry.state, entry.round) for entry in ledger.in_states(frozenset(State))}
    assert found[table.right] == (State.FIXED, 1)
    assert found[table.wrong] == (State.TRIAGED, 2)
    assert found["aws_dynamodb_table.orders"] == (State.FIXED, 1)


def test_every_check_is_held_to_moto_or_to_raw_answers() -> None:
    checks = {each.id: each.verify for each in load_once()}
    assert {checks[control] for control, _ in ROWS} | {raw.check for raw in RAW} == set(CHECKS)
