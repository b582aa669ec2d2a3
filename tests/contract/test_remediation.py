"""Live resources of a moto server, changed by runbooks, verified by somebody else, and taken back."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.aws import REGION, client
from tests.contract.remediating import (
    ACCOUNT,
    ROLE,
    WITH_RUNBOOK,
    WRONG,
    House,
    bucket,
    documents,
    finding,
    group,
)
from tests.support.aws_calls import allowed, calls_made

from iacfix.domain.errors import StaleEntryError
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import State
from iacfix.domain.triage import Mode
from iacfix.ledger.audit import Broken, verify
from iacfix.permissions.actions import actions
from iacfix.runtime.guards import Owned, Source
from iacfix.testing.ssm_automation import End
from iacfix.testing.ssm_server import AwsWithRunbooks
from iacfix.workflows.remediate import Ending

# moto takes the request and keeps the old value.
NOT_IN_MOTO = {"lambda-tracing"}
PORT = 3389
# One of each kind: of AWS and of our own, with one value and several, with numbers and rules.
# `python -m benchmarks.remediation` goes through all of them.
SOME = (
    "kms-key-rotation",
    "rds-backup-retention",
    "s3-block-public-access",
    "sg-no-open-ssh",
)


@pytest.fixture(scope="module")
def front(moto_url: str) -> Iterator[AwsWithRunbooks]:
    with AwsWithRunbooks(moto_url, documents()) as started:
        yield started


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory, front: AwsWithRunbooks) -> House:
    return House(front, tmp_path_factory.mktemp("ledger") / "ledger.sqlite", per_minute=100)


@pytest.fixture
def house(front: AwsWithRunbooks, rooms: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A ledger of its own; clients are those of all."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", front.url)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    front.external_id = rooms.external_id
    front.automation.ends.clear()
    front.automation.limit = 100
    made = House(front, tmp_path / "ledger.sqlite", per_minute=100)
    made.members, made.own, made.other = rooms.members, rooms.own, rooms.other
    return made


def events(house: House) -> list[Mapping[str, str]]:
    lines = list(house.store.audit())
    assert not isinstance(verify(lines), Broken)
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("control", SOME)
def test_what_is_wrong_is_made_right_and_can_be_taken_back(house: House, control: str) -> None:
    found = finding(WITH_RUNBOOK[control], WRONG[control]())
    remedied = house.approved(found)
    assert (remedied.ending, remedied.entry and remedied.entry.state) == (Ending.FIXED, State.FIXED), remedied.reason
    assert remedied.entry is not None
    assert remedied.verification is not None
    assert remedied.entry.verification == remedied.verification.id
    taken = house.rollback().restore(remedied.entry, by="ann", apply=True)
    assert taken.done, taken.reason
    assert taken.entry.state is State.TRIAGED
    assert house.remediator().still(found).result == "still_open"
    told = {each["action"]: each for each in events(house)}
    assert told["finding.remediating"]["before"] == told["finding.verifying"]["before"] != ""
    assert told["finding.remediating"]["authorization"].endswith("+00:00")
    assert told["finding.triaged"]["authorization"] == "ann"
    again = house.rollback().restore(taken.entry, by="ann", apply=True)
    assert "already" in again.reason


def test_every_control_with_a_runbook_has_a_wrong_resource_here() -> None:
    assert WRONG.keys() == WITH_RUNBOOK.keys() - {"s3-default-encryption"}  # S3 has encrypted all buckets since 2023


def low(house: House) -> Finding:
    """Of a control that may be changed without asking."""
    assert house.aws.external_id
    return finding(WITH_RUNBOOK["s3-versioning"], bucket())


def test_what_is_autonomous_and_of_low_risk_asks_nobody(house: House) -> None:
    remedied = house.remediated(low(house), Mode.AUTONOMOUS)
    assert remedied.ending is Ending.FIXED
    assert {"mode autonomous, risk low"} == {each["authorization"] for each in events(house)} - {""}
    assert house.clock.slept[-1] == pytest.approx(300, abs=1)  # before the first look


def test_the_role_is_taken_on_in_the_name_of_the_finding(house: House) -> None:
    as_role = House(house.aws, house.file, as_role=True)
    remedied = as_role.remediated(low(house), Mode.AUTONOMOUS)
    assert remedied.entry is not None
    roles = [each for each in house.aws.assumed if each.arn == ROLE.replace("{account}", ACCOUNT)]
    assert {each.external_id for each in roles} == {house.external_id}
    mine = [each for each in roles if remedied.entry.key in each.tags.values()]
    assert mine
    assert all(remedied.entry.key[:32] in each.session for each in mine)


def test_a_dry_run_touches_nothing_and_writes_nothing(house: House) -> None:
    found = low(house)
    shown = house.remediated(found, Mode.AUTONOMOUS, apply=False)
    assert shown.ending is Ending.SHOWN
    assert shown.change is not None
    assert dict(shown.change.parameters)["VersioningState"] == ("Enabled",)
    assert dict(shown.change.before) == {"Status": ("Suspended",)}
    assert list(house.store.audit()) == []
    assert house.remediator().still(found).result == "still_open"


def test_a_runbook_that_reports_success_and_changes_nothing_is_caught(house: House) -> None:
    house.aws.automation.ends["AWS-ConfigureS3BucketVersioning"] = End.LIES
    remedied = house.remediated(low(house), Mode.AUTONOMOUS)
    assert (remedied.ending, remedied.entry and remedied.entry.state) == (Ending.STILL_OPEN, State.STILL_OPEN)
    assert "ended as succeeded and changed nothing" in remedied.reason


@pytest.mark.parametrize("end", [End.FAILS, End.TIMES_OUT, End.HANGS])
def test_a_runbook_that_comes_to_no_good_end_is_told(house: House, end: End) -> None:
    house.aws.automation.ends["AWS-ConfigureS3BucketVersioning"] = end
    house.deadline = timedelta(minutes=2)
    remedied = house.remediated(low(house), Mode.AUTONOMOUS)
    assert (remedied.ending, remedied.entry and remedied.entry.state) == (Ending.FAILED, State.REMEDIATION_FAILED)
    if end is End.HANGS:
        assert "came to no end in time" in remedied.reason
        assert list(house.aws.automation.executions.values())[-1].status == "Cancelled"
        assert sum(house.clock.slept) <= 120


def test_a_busy_service_is_asked_again_with_the_same_token(house: House) -> None:
    house.aws.spoil("AmazonSSM.StartAutomationExecution", "ThrottlingException", times=2)
    house.aws.spoil("AmazonSSM.GetAutomationExecution", "InternalServerError", status=500)
    before = len(house.aws.automation.executions)
    assert house.remediated(low(house), Mode.AUTONOMOUS).ending is Ending.FIXED
    assert len(house.aws.automation.executions) == before + 1


def test_where_too_many_run_it_waits_until_the_deadline(house: House) -> None:
    house.aws.automation.limit = 0
    house.deadline = timedelta(minutes=2)
    remedied = house.remediated(low(house), Mode.AUTONOMOUS)
    assert remedied.ending is Ending.FAILED
    assert "as many automations run as may" in remedied.reason


def test_what_is_denied_fails_at_once(house: House) -> None:
    house.aws.spoil("AmazonSSM.StartAutomationExecution", "AccessDeniedException")
    remedied = house.remediated(low(house), Mode.AUTONOMOUS)
    assert remedied.ending is Ending.FAILED
    assert "allow ssm:StartAutomationExecution there" in remedied.reason
    assert house.clock.slept == []


def test_a_role_that_is_refused_changes_nothing(house: House, front: AwsWithRunbooks) -> None:
    refused = House(front, house.file, external_id="another", as_role=True)
    remedied = refused.remediated(low(house), Mode.AUTONOMOUS)
    assert remedied.ending is Ending.REFUSED
    assert "denied" in remedied.reason
    assert remedied.entry is not None
    assert remedied.entry.state is State.HUMAN_REVIEW


class CrashError(BaseException):
    """The process ends here: nothing catches it."""


@pytest.mark.parametrize("when", ["AmazonSSM.StartAutomationExecution", "AmazonSSM.GetAutomationExecution"])
def test_a_crash_in_the_middle_begins_nothing_twice(house: House, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, real, gone = low(house), house.aws.automation.answer, list[str]()

    def crash(operation: str, body: Mapping[str, object]) -> Mapping[str, object]:
        answer = real(operation, body)
        if operation == when.removeprefix("AmazonSSM.") and not gone:
            gone.append(operation)
            house.aws.spoil("AmazonSSM.GetAutomationExecution", "InternalServerError", status=500)
        return answer

    before = len(house.aws.automation.executions)
    monkeypatch.setattr(house.aws.automation, "answer", crash)

    def die(seconds: float) -> None:
        raise CrashError(seconds)

    monkeypatch.setattr(type(house.clock), "sleep", lambda _self, seconds: die(seconds))
    with pytest.raises(CrashError):
        house.remediated(found, Mode.AUTONOMOUS)
    monkeypatch.undo()
    for name, value in {"AWS_ENDPOINT_URL": house.aws.url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    entry = next(house.store.in_states({State.REMEDIATING}))
    assert house.remediated(found, Mode.AUTONOMOUS).ending is Ending.FIXED
    assert len(house.aws.automation.executions) == before + 1
    assert entry.version > 1


def test_two_at_once_start_one(house: House) -> None:
    found, one, other = low(house), house.remediator(), house.remediator()
    entry = one.moves.received(found)
    one.moves.to(entry, State.TRIAGED, "it is wrong", finding=found.id)
    with pytest.raises(StaleEntryError):
        other.moves.to(entry, State.TRIAGED, "it is wrong", finding=found.id)


@pytest.mark.parametrize(
    ("owned", "state", "ending"),
    [
        (Owned.BY_CODE, None, Ending.REFUSED),
        (Owned.UNKNOWN, None, Ending.REFUSED),
        (Owned.BY_CODE, State.PULL_REQUEST_OPEN, Ending.FIXED),
    ],
)
def test_what_code_decides_is_left_to_code_until_that_is_on_its_way(
    house: House, owned: Owned, state: State | None, ending: Ending
) -> None:
    found = low(house)
    if state is not None:
        moves = house.remediator().moves
        entry = moves.received(found)
        for step in (State.TRIAGED, State.FIXING, State.PROPOSED, State.PULL_REQUEST_OPEN):
            entry = moves.to(entry, step, "as it goes", finding=found.id)
    remedied = house.remediated(found, Mode.AUTONOMOUS, owned)
    assert remedied.ending is ending, remedied.reason
    assert remedied.entry is not None
    if ending is Ending.FIXED:
        assert remedied.entry.state is State.FIXING  # the code has to follow
    else:
        assert "source" in remedied.reason
        assert remedied.entry.state is (State.TRIAGED if owned is Owned.BY_CODE else State.HUMAN_REVIEW)


def test_what_a_stack_has_made_is_code_too(house: House) -> None:
    found = finding(WITH_RUNBOOK["s3-versioning"], bucket(), tags=(("aws:cloudformation:stack-name", "prod"),))
    assert "the CloudFormation stack 'prod'" in house.remediated(found, Mode.AUTONOMOUS).reason


@pytest.mark.parametrize(
    ("identifier", "more", "said"),
    [
        ("arn:aws:s3:::a/../b", {}, "is no name of a resource"),
        ("arn:aws:s3:::{{ global:ACCOUNT_ID }}", {}, "is no ARN"),
        ("a bucket", {}, "is no name of a resource"),
        ("arn:aws:sqs:eu-west-1:123456789012:q", {}, "is none of s3:"),
        (f"arn:aws:s3:{REGION}:999999999999:b", {}, "another account"),
        ("arn:aws:s3:::b", {"account": "999999999999"}, "not among the accounts"),
        ("arn:aws:s3:::b", {"account": ""}, "in which account"),
        ("arn:aws:s3:::b", {"region": "everywhere"}, "in which region"),
    ],
)
def test_hostile_names_and_other_accounts_are_refused(
    house: House, identifier: str, more: Mapping[str, str], said: str
) -> None:
    asked = len(house.aws.asked)
    remedied = house.remediated(finding(WITH_RUNBOOK["s3-versioning"], identifier, **more), Mode.AUTONOMOUS)
    assert remedied.ending is Ending.REFUSED
    assert said in remedied.reason
    assert len(house.aws.asked) == asked


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.ASSIST])
def test_a_mode_that_only_shows_changes_nothing(house: House, mode: Mode) -> None:
    assert house.remediated(low(house), mode).ending is Ending.REFUSED


def test_what_is_right_already_is_left_alone(house: House) -> None:
    found = low(house)
    client("s3").put_bucket_versioning(
        Bucket=found.resource.identifier.rpartition(":")[2], VersioningConfiguration={"Status": "Enabled"}
    )
    remedied = house.remediated(found, Mode.AUTONOMOUS)
    assert (remedied.ending, remedied.entry and remedied.entry.state) == (Ending.NOT_NEEDED, State.FIXED)
    assert house.remediated(found, Mode.AUTONOMOUS).ending is Ending.NOT_NEEDED


def test_a_rule_that_opens_more_is_a_persons(house: House) -> None:
    found = finding(WITH_RUNBOOK["sg-no-open-rdp"], group(PORT)())
    identity = found.resource.identifier.rpartition("/")[2]
    wide = {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    client("ec2").authorize_security_group_ingress(GroupId=identity, IpPermissions=[wide])
    assert f"opens more than port {PORT}" in house.remediated(found).reason


def test_the_throttle_waits_for_its_turn(house: House) -> None:
    house.per_minute = 1
    house.verify = house.remediator().still  # at once, so that no time goes by
    remediator = house.remediator()
    for each in (low(house), low(house)):
        done = remediator.remediate(each, source=Source(Owned.BY_NOBODY), mode=Mode.AUTONOMOUS, apply=True)
        assert done.ending is Ending.FIXED
    assert [each for each in house.clock.slept if each > 5] == [pytest.approx(60, abs=11)]


# Asked for by other calls: to start with tags, to hand a role to a runbook, and at a deadline alone.
BESIDE = {"ssm:AddTagsToResource", "iam:PassRole", "ssm:StopAutomationExecution"}
# What AWS's page of its own document asks for, whatever our double of it calls.
OF_AWS_DOCUMENTS = {"s3:GetAccountPublicAccessBlock", "s3:PutAccountPublicAccessBlock"}


def test_the_roles_allow_what_was_called_and_nothing_else(house: House) -> None:
    controls = ("kms-key-rotation", "s3-block-public-access")
    found = [finding(WITH_RUNBOOK[each], WRONG[each]()) for each in controls]
    with calls_made() as made:
        for each in found:
            remedied = house.approved(each)
            assert remedied.ending is Ending.FIXED
            assert remedied.entry is not None
            assert house.rollback().restore(remedied.entry, by="ann", apply=True).done
    asked = set(actions(made - {("sts", "GetCallerIdentity")}))
    assert asked <= allowed("remediate", controls) | allowed("verify", controls)
    assert allowed("remediate", controls) - asked == BESIDE | OF_AWS_DOCUMENTS
