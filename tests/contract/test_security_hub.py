"""Both forms of Security Hub over HTTP: what is read, what is told back, and what becomes of refusals."""

import json
from collections.abc import Callable

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.contract.security_hub import PRODUCT, asff, bucket, hub, identity

from iacfix.adapters.aws import security_hub, security_hub_v2
from iacfix.adapters.aws.security_hub import Connection, SecurityHub
from iacfix.adapters.aws.security_hub_v2 import SecurityHubV2
from iacfix.domain.errors import InputError
from iacfix.domain.finding import Finding, InvalidFinding, Severity
from iacfix.findings import read_findings
from iacfix.ports import CloudReadError
from iacfix.ports.findings_source import Raw, TrackedStatus, Update, Wanted
from iacfix.testing import security_hub_findings
from iacfix.testing.security_hub_server import ACCOUNT, REGION, Refusal, SecurityHubServer

__all__ = ["hub"]

Api = SecurityHub | SecurityHubV2
BOTH = pytest.mark.parametrize("make", [SecurityHub, SecurityHubV2], ids=["v1", "v2"])
Make = Callable[[Connection], Api]
EVERYTHING = Wanted()
THROTTLED = Refusal("TooManyRequestsException", 429)


def connected(make: Make, attempts: int = 1) -> Api:
    return make(Connection(max_attempts=attempts))


def everything(api: Api, wanted: Wanted = EVERYTHING) -> list[Raw]:
    found: list[Raw] = []
    after = ""
    while True:
        page = api.page(wanted, after)
        found += page.findings
        if not (after := page.after):
            return found


def ids(api: Api, wanted: Wanted = EVERYTHING) -> list[str]:
    read = read_findings(json.dumps(everything(api, wanted)).encode())
    assert all(isinstance(each, Finding) for each in read), read
    return sorted(each.id.rpartition("/")[2] for each in read)


@BOTH
def test_open_findings_come_page_by_page_as_the_readers_want_them(hub: SecurityHubServer, make: Make) -> None:
    closed: list[dict[str, object]] = [
        {"Workflow": {"Status": "RESOLVED"}},
        {"Workflow": {"Status": "SUPPRESSED"}},
        {"RecordState": "ARCHIVED"},
    ]
    hub.findings.put(*(asff(number) for number in range(7)), asff(7, Workflow={"Status": "NOTIFIED"}))
    hub.findings.put(*(asff(20 + number, **changes) for number, changes in enumerate(closed)))
    api = connected(make)
    assert ids(api) == [f"{number:04d}" for number in range(8)]
    assert len(hub.operations) == 3
    assert {api.place_of(each) for each in everything(api)} == {("medium", ACCOUNT)}


@BOTH
def test_filters_reach_the_service(hub: SecurityHubServer, make: Make) -> None:
    hub.findings.put(
        asff(1),
        asff(2, Severity={"Label": "CRITICAL"}),
        asff(3, Severity={"Label": "HIGH"}, AwsAccountId="444455556666"),
    )
    api = connected(make)
    assert ids(api, Wanted(severities=(Severity.HIGH, Severity.CRITICAL))) == ["0002", "0003"]
    assert ids(api, Wanted(accounts=("444455556666",))) == ["0003"]
    assert ids(api, Wanted(severities=(Severity.CRITICAL,), accounts=("444455556666",))) == []
    assert ids(api, Wanted(since="2026-11-03T00:00:00+00:00", until="2026-11-30T00:00:00+00:00")) == ["0002", "0003"]


@BOTH
def test_a_page_that_fails_is_asked_for_again_from_where_it_was(hub: SecurityHubServer, make: Make) -> None:
    hub.findings.put(*(asff(number) for number in range(5)))
    api = connected(make)
    first = api.page(Wanted(severities=(Severity.MEDIUM,)))
    operation = hub.operations[-1]
    hub.spoil(operation, THROTTLED)
    with pytest.raises(CloudReadError) as told:
        api.page(Wanted(), first.after)
    assert told.value.again
    rest = connected(make).page(Wanted(accounts=("what else is asked for then counts for nothing",)), first.after)
    assert (len(first.findings), len(rest.findings), rest.after) == (3, 2, "")
    if make is SecurityHub:
        assert api.page(Wanted(accounts=(ACCOUNT,) * security_hub.MAX_FILTER_VALUES)).findings
        with pytest.raises(InputError, match="21 accounts"):
            api.page(Wanted(accounts=(ACCOUNT,) * (security_hub.MAX_FILTER_VALUES + 1)))
    for wrong in ("x", "e30=", "W10=", "ÿ"):
        with pytest.raises(InputError, match="--after"):
            api.page(Wanted(), wrong)


@BOTH
def test_throttling_is_waited_out_and_denial_is_not(hub: SecurityHubServer, make: Make) -> None:
    hub.findings.put(asff(1))
    operation = "GetFindings" if make is SecurityHub else "GetFindingsV2"
    hub.spoil(operation, THROTTLED)
    assert ids(connected(make, attempts=2)) == ["0001"]
    hub.operations.clear()
    hub.spoil(operation, Refusal("AccessDeniedException", 403, "not authorized to perform: securityhub:GetFindings"))
    with pytest.raises(CloudReadError, match="securityhub:GetFindings") as told:
        connected(make, attempts=3).page(Wanted())
    assert (told.value.again, len(hub.operations)) == (False, 1)


@BOTH
def test_what_became_of_findings_is_told_and_single_failures_are_named(hub: SecurityHubServer, make: Make) -> None:
    hub.findings.put(asff(1), asff(2), asff(3, Workflow={"Status": "SUPPRESSED"}), asff(4, RecordState="ARCHIVED"))
    api = connected(make)
    known = api.read([*map(identity, range(6)), f"{identity(1)}#2"])
    assert {name.rpartition("/")[2]: each.status.value for name, each in known.items()} == {
        "0001": "new",
        "0001#2": "new",
        "0002": "new",
        "0003": "suppressed",
        "0004": "gone",
    }
    assert known[identity(1)].resources == ("arn:aws:s3:::logs",)
    code = "InternalException" if make is SecurityHub else "InternalServerException"
    hub.findings.refuse[identity(2)] = (code, "later")
    updates = [Update(known[identity(number)].handle, TrackedStatus.RESOLVED, "seen by v-1") for number in (1, 2)]
    assert api.update(updates) == {known[identity(2)].handle: f"Security Hub says {code}"}
    assert hub.findings.status(identity(1)) == ("RESOLVED", "seen by v-1")
    assert hub.findings.status(identity(2)) == ("NEW", "")
    again = api.read([identity(1)])[identity(1)]
    assert (again.status, again.note) == (TrackedStatus.RESOLVED, "seen by v-1")


@BOTH
def test_an_update_is_sent_by_the_hundred(hub: SecurityHubServer, make: Make) -> None:
    hub.findings.put(*(asff(number) for number in range(101)))
    hub.findings.page = 100
    api = connected(make)
    handles = [each.handle for each in api.read([identity(number) for number in range(101)]).values()]
    hub.operations.clear()
    assert api.update([Update(each, TrackedStatus.NOTIFIED, "it is still open") for each in handles]) == {}
    assert len(hub.operations) == 2
    assert {hub.findings.status(identity(number)) for number in range(101)} == {("NOTIFIED", "it is still open")}
    hub.spoil(hub.operations[-1], Refusal("AccessDeniedException", 403))
    failed = api.update([Update(each, TrackedStatus.RESOLVED, "v") for each in handles])
    assert (len(failed), len(hub.operations)) == (101, 3)  # who is not allowed is not asked again
    assert hub.findings.status(identity(100))[0] == "NOTIFIED"


@BOTH
@pytest.mark.parametrize("left", [[], [{"ErrorCode": "InternalServerException"}]], ids=["in no list", "named nowhere"])
def test_what_security_hub_says_nothing_of_is_not_done(
    hub: SecurityHubServer, make: Make, left: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.findings.put(asff(1), asff(2))
    api = connected(make)
    one, two = (api.read([identity(number)])[identity(number)].handle for number in (1, 2))
    is_first = make is SecurityHub
    done = json.loads(one) if is_first else {"MetadataUid": one}
    answer = {"ProcessedFindings": [done], "UnprocessedFindings": [] if is_first else left}
    monkeypatch.setattr(hub.findings, "update" if is_first else "update_v2", lambda _: answer)
    failed = api.update([Update(each, TrackedStatus.RESOLVED, "v") for each in (one, two)])
    assert failed == {two: security_hub.UNSAID}


@BOTH
def test_a_note_is_cut_at_the_services_limit(hub: SecurityHubServer, make: Make) -> None:
    hub.findings.put(asff(1))
    api = connected(make)
    handle = api.read([identity(1)])[identity(1)].handle
    most = security_hub.MAX_NOTE
    for length, told in ((most, "x" * most), (most + 1, "x" * (most - 1) + "…")):
        assert api.update([Update(handle, TrackedStatus.NOTIFIED, "x" * length)]) == {}
        assert hub.findings.status(identity(1))[1] == told


@pytest.mark.usefixtures("hub")
def test_the_double_keeps_to_the_limits_of_the_service() -> None:
    client = boto3.client("securityhub", region_name=REGION)

    def refused(verb: str, **request: object) -> str:
        with pytest.raises(ClientError) as told:
            getattr(client, verb)(**request)
        return str(told.value.response["Error"]["Code"])

    hundred = [asff(number) for number in range(100)]
    assert client.batch_import_findings(Findings=hundred)["SuccessCount"] == 100  # type: ignore[arg-type] # ASFF as JSON
    assert refused("batch_import_findings", Findings=[*hundred, asff(100)]) == "InvalidInputException"
    spare = 240 * 1024 - len(json.dumps(asff(1, Description="")).encode())
    for more, count in ((0, 0), (1, 1)):
        answer = client.batch_import_findings(Findings=[asff(1, Description="x" * (spare + more))])  # type: ignore[list-item] # as above
        assert answer["FailedCount"] == count
    large = [asff(number, Description="x" * 200_000) for number in range(32)]
    assert refused("batch_import_findings", Findings=large) == "InvalidInputException"
    identifiers = [{"Id": identity(number), "ProductArn": PRODUCT} for number in range(101)]
    assert refused("batch_update_findings", FindingIdentifiers=identifiers) == "InvalidInputException"
    assert refused("batch_update_findings_v2", MetadataUids=["u"] * 101, StatusId=4) == "ValidationException"
    assert (
        refused("get_findings", Filters={"Id": [{"Value": "x", "Comparison": "EQUALS"}] * 21})
        == "InvalidInputException"
    )
    some = [{"Value": "x", "Comparison": "CONTAINS"}]
    assert refused("get_findings", Filters={"Title": some}) == "InvalidInputException"
    mixed = [{"Value": "x", "Comparison": each} for each in ("EQUALS", "NOT_EQUALS")]
    assert refused("get_findings", Filters={"Title": mixed}) == "InvalidInputException"
    assert (security_hub.MAX_UPDATED, security_hub_v2.MAX_UPDATED) == (security_hub_findings.MOST_FINDINGS,) * 2
    assert security_hub.MAX_FILTER_VALUES == 20
    assert security_hub.MAX_NOTE == security_hub_findings.MOST_NOTE


def test_a_finding_that_fails_again_is_new_again_unless_it_is_suppressed(hub: SecurityHubServer) -> None:
    def seen(status: str) -> None:
        compliance = {"Status": status, "SecurityControlId": "S3.9"}
        hub.findings.put(*(asff(number, Compliance=compliance, Workflow=None) for number in (1, 2)))

    seen("FAILED")
    api = SecurityHub(Connection())
    first, second = (each.handle for each in api.read([identity(1), identity(2)]).values())
    assert api.update([Update(first, TrackedStatus.RESOLVED, "v-1")]) == {}
    hub.findings.kept[PRODUCT, identity(2)]["Workflow"] = {"Status": "SUPPRESSED"}
    seen("PASSED")
    assert hub.findings.status(identity(1)) == ("RESOLVED", "v-1")
    seen("FAILED")
    assert (hub.findings.status(identity(1))[0], hub.findings.status(identity(2))[0]) == ("NEW", "SUPPRESSED")
    assert second


def test_filters_hold_as_they_are_documented(hub: SecurityHubServer) -> None:
    hub.findings.put(
        asff(1, Resources=[bucket("a", Team="shop")]),
        asff(2, Resources=[bucket("b", Team="shop", Environment="production")]),
        asff(3, Resources=[{**bucket("c"), "Type": "AwsS3AccessPoint"}]),
    )
    client = boto3.client("securityhub", region_name=REGION)

    def found(**filters: list[dict[str, str]]) -> list[str]:
        answer = client.get_findings(Filters=filters)  # type: ignore[arg-type] # filters of any field
        return [each["Id"][-1] for each in answer["Findings"]]

    def text(comparison: str, value: str) -> dict[str, str]:
        return {"Comparison": comparison, "Value": value}

    kinds = [text("PREFIX", "AwsS3"), text("NOT_EQUALS", "AwsS3AccessPoint")]
    assert found(ResourceType=kinds) == ["1", "2"]
    assert found(ResourceId=[text("EQUALS", "arn:aws:s3:::a"), text("EQUALS", "arn:aws:s3:::c")]) == ["1", "3"]
    assert found(ResourceId=[text("PREFIX_NOT_EQUALS", "arn:aws:s3:::a"), text("NOT_EQUALS", "arn:aws:s3:::b")]) == [
        "3"
    ]
    assert found(ResourceTags=[{"Key": "Environment", **text("NOT_EQUALS", "production")}]) == ["1", "3"]
    assert found(ResourceTags=[{"Key": "Team", **text("EQUALS", "shop")}, {"Key": "x", **text("EQUALS", "y")}]) == [
        "1",
        "2",
    ]
    assert found(Title=[text("EQUALS", "s3 buckets should have server access logging")]) == []


def test_a_closed_finding_is_none_to_the_readers(hub: SecurityHubServer) -> None:
    hub.findings.put(asff(1, Workflow={"Status": "SUPPRESSED"}))
    for view in (hub.findings.get({})["Findings"], hub.findings.get_v2({})["Findings"]):
        (read,) = read_findings(json.dumps(view).encode())
        assert isinstance(read, InvalidFinding)
        assert "not open" in read.reason
