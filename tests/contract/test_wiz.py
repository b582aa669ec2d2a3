"""Issues of Wiz over HTTP: what is read, how tokens and limits are borne, and what is told back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.test_close import closer, entry_of, put, seen

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.adapters.wiz.client import MAX_WAIT, Credentials, WizClient
from iacfix.adapters.wiz.issues import WizIssues, body_of, tracked
from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.domain.finding import Finding, InvalidFinding, Severity
from iacfix.domain.ledger import State
from iacfix.domain.verification import Result
from iacfix.findings import read_findings
from iacfix.ports import CloudReadError
from iacfix.ports.findings_source import Raw, TrackedStatus, Update, Wanted
from iacfix.testing.rest_server import Fault
from iacfix.testing.wiz_server import CLIENT_ID, CLIENT_SECRET, WizServer
from iacfix.workflows.close import Closing

ISSUE_KEYS = ["id", "type", "status", "severity", "sourceRule", "projects", "entitySnapshot", "notes", "url"]
ENTITY_KEYS = [
    "id",
    "providerId",
    "nativeType",
    "tags",
    "name",
    "cloudPlatform",
    "subscriptionExternalId",
    "__typename",
]
KNOWN = Credentials(CLIENT_ID, CLIENT_SECRET)
EVERYTHING = Wanted()


@pytest.fixture
def wiz() -> Iterator[WizServer]:
    with WizServer() as server:
        yield server


def issue(number: int, **changes: object) -> dict[str, object]:
    entity = {
        "id": f"entity-{number}",
        "type": "BUCKET",
        "nativeType": "bucket",
        "name": "logs",
        "status": "Active",
        "cloudPlatform": "AWS",
        "cloudProviderURL": "https://console.aws.amazon.com/s3/buckets/logs",
        "providerId": "arn:aws:s3:::logs",
        "region": "eu-west-1",
        "subscriptionExternalId": "111122223333",
        "subscriptionName": "shop",
        "tags": {"Team": "shop"},
        "externalId": "logs",
    }
    rule = {"__typename": "CloudConfigurationRule", "id": "rule-1", "name": "S3 bucket has no logging"}
    whole = {
        "id": f"issue-{number}",
        "type": "CLOUD_CONFIGURATION",
        "status": "OPEN",
        "severity": "HIGH",
        "createdAt": f"2026-11-{number % 28 + 1:02d}T00:00:00Z",
        "updatedAt": "2026-11-20T00:00:00Z",
        "url": f"https://app.wiz.io/issues/issue-{number}",
        "sourceRule": rule,
        "projects": [{"id": "p1", "name": "shop"}, {"id": "p2", "name": "web"}],
        "entitySnapshot": entity,
    }
    return whole | changes


class Waits:
    """A clock that goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    def now(self) -> float:
        return self.at


def client(wiz: WizServer, waits: Waits | None = None, credentials: Credentials = KNOWN) -> WizClient:
    clock = waits or Waits()
    return WizClient(wiz.api, credentials, auth=wiz.auth, sleep=clock.sleep, now=clock.now)


def everything(issues: WizIssues, wanted: Wanted = EVERYTHING) -> list[Raw]:
    found: list[Raw] = []
    after = ""
    while True:
        page = issues.page(wanted, after)
        found += page.findings
        if not (after := page.after):
            return found


def ids(issues: WizIssues, wanted: Wanted = EVERYTHING) -> list[object]:
    return [each["issue"]["id"] for each in everything(issues, wanted)]  # type: ignore[index] # of our own form


def test_issues_come_in_the_form_of_an_automation_rules_body(wiz: WizServer) -> None:
    wiz.put(issue(1))
    issues = WizIssues(client(wiz))
    (body,) = everything(issues)
    assert body["issue"] == {
        "id": "issue-1",
        "status": "OPEN",
        "severity": "HIGH",
        "created": "2026-11-02T00:00:00Z",
        "updatedAt": "2026-11-20T00:00:00Z",
        "url": "https://app.wiz.io/issues/issue-1",
        "projects": "shop, web",
    }
    resource, control = body["resource"], body["control"]
    assert isinstance(resource, dict)
    assert isinstance(control, dict)
    assert (resource["id"], resource["type"], resource["subscriptionId"]) == (
        "arn:aws:s3:::logs",
        "bucket",
        "111122223333",
    )
    assert (resource["tags"], control["sourceCloudConfigurationRuleName"]) == (
        {"Team": "shop"},
        "S3 bucket has no logging",
    )
    assert issues.place_of(body) == ("high", "111122223333")


def test_filters_and_pages(wiz: WizServer) -> None:
    elsewhere = {**issue(0)["entitySnapshot"], "subscriptionExternalId": "444455556666"}  # type: ignore[dict-item] # a mapping
    azure = {**elsewhere, "cloudPlatform": "Azure"}
    wiz.put(*(issue(number) for number in range(4)), issue(5, status="RESOLVED"), issue(6, status="REJECTED"))
    wiz.put(issue(7, severity="LOW"), issue(8, entitySnapshot=elsewhere), issue(9, entitySnapshot=azure))
    issues = WizIssues(client(wiz), page=2)
    assert ids(issues) == [f"issue-{number}" for number in (0, 1, 2, 3, 7, 8)]
    assert ids(issues, Wanted(severities=(Severity.LOW,))) == ["issue-7"]
    assert ids(issues, Wanted(accounts=("444455556666",))) == ["issue-8"]
    assert ids(issues, Wanted(since="2026-11-08T00:00:00Z")) == ["issue-7", "issue-8"]
    first = issues.page(Wanted(severities=(Severity.HIGH,)))
    wiz.faults[len(wiz.asked) + 2] = Fault(503)
    rest = WizIssues(client(wiz), page=2).page(EVERYTHING, first.after).findings
    assert [each["entitySnapshot"]["id"] for each in rest] == ["entity-2", "entity-3"]  # type: ignore[index] # as above
    with pytest.raises(InputError, match="--after"):
        issues.page(EVERYTHING, "x")


def test_a_token_is_kept_renewed_in_time_and_asked_anew_when_it_was_taken_back(wiz: WizServer) -> None:
    wiz.put(issue(1))
    waits = Waits()
    issues = WizIssues(client(wiz, waits))
    ids(issues)
    ids(issues)
    assert wiz.given == 1
    waits.at += 3600 - 60
    ids(issues)
    assert wiz.given == 2
    wiz.revoke()
    assert ids(issues) == ["issue-1"]
    assert wiz.given == 3


def test_limits_are_waited_out_as_wiz_asks_for_it(wiz: WizServer) -> None:
    wiz.put(issue(1))
    limited = '{"errors": [{"message": "slow down", "extensions": {"code": "RATE_LIMIT_EXCEEDED", "retryAfter": 2}}]}'
    wiz.faults = {2: Fault(200, limited), 3: Fault(429, "", {"Retry-After": "7"}), 4: Fault(502, "<html>")}
    waits = Waits()
    assert ids(WizIssues(client(wiz, waits))) == ["issue-1"]
    assert waits.slept == [2.0, 7.0, 4.0]
    number = len(wiz.asked)
    wiz.faults = {number + 1 + each: Fault(429) for each in range(5)}
    issues = WizIssues(client(wiz))
    with pytest.raises(CloudReadError) as told:
        issues.page(EVERYTHING)
    assert told.value.again
    wiz.faults = {len(wiz.asked) + 2: Fault(429, "", {"Retry-After": str(int(MAX_WAIT) + 1)})}
    waits = Waits()
    with pytest.raises(CloudReadError, match="429"):
        WizIssues(client(wiz, waits)).page(EVERYTHING)
    assert waits.slept == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(403, "{}"), "denies"),
        (Fault(200, '{"errors": [{"message": "no scope read:issues\\u001b[31m"}]}'), r"no scope read:issues\\x1b"),
        (Fault(200, "[[[["), "cannot be read"),
        (Fault(200, '{"data": {"issuesV2": null}}'), "no issues"),
        (Fault(302, "", {"Location": "http://127.0.0.1:9/"}), "cannot be read"),
        (Fault(0), "connection"),
    ],
)
def test_what_wiz_refuses_is_told(wiz: WizServer, fault: Fault, words: str) -> None:
    wiz.faults = {2: fault}
    with pytest.raises(CloudReadError, match=words):
        WizIssues(client(wiz)).page(EVERYTHING)


@pytest.mark.parametrize("said", ["null", '{"issue": null}', '{"issue": {"id": "issue-1", "status": "OPEN"}}'])
def test_what_wiz_has_not_changed_is_not_said_to_be(wiz: WizServer, said: str) -> None:
    wiz.put(issue(1))
    wiz.faults = {2: Fault(200, f'{{"data": {{"updateIssue": {said}}}}}')}
    handle = json.dumps({"id": "issue-1", "type": "THREAT_DETECTION"})
    failed = WizIssues(client(wiz)).update([Update(handle, TrackedStatus.RESOLVED, "seen by v-1")])
    assert "does not say" in failed[handle]


def test_secrets_stay_where_they_are(wiz: WizServer) -> None:
    wrong = Credentials(CLIENT_ID, "another-secret-value")
    with pytest.raises(CloudReadError, match="no token") as told:
        WizIssues(client(wiz, credentials=wrong)).page(EVERYTHING)
    assert "another-secret-value" not in f"{told.value} {wrong}"
    for api in ("http://api.example.com/graphql", "https://user:pw@api.example.com", "ftp://x", "graphql"):
        with pytest.raises(ConfigurationError, match=r"wiz\.api"):
            WizClient(api, KNOWN)
    with pytest.raises(ConfigurationError, match="WIZ_CLIENT_ID"):
        WizClient(wiz.api, Credentials("", ""))


def test_what_was_seen_fixed_is_noted_and_looked_at_again_once(wiz: WizServer, tmp_path: Path) -> None:
    wiz.put(issue(1), issue(2, type="THREAT_DETECTION"), issue(3, status="REJECTED"), issue(4, status="RESOLVED"))
    store = SqliteLedger(tmp_path / "ledger.sqlite")
    put(store, *(f"wiz:issue-{number}" for number in (1, 2, 3, 4, 9)))
    at = closer(store, WizIssues(client(wiz)))
    said = {each.source: each.closing for each in at.told(seen())}
    assert said == {
        "wiz:issue-1": Closing.TOLD,
        "wiz:issue-2": Closing.RESOLVED,
        "wiz:issue-3": Closing.SUPPRESSED,
        "wiz:issue-4": Closing.ALREADY,
        "wiz:issue-9": Closing.GONE,
    }
    assert [wiz.issues[f"issue-{number}"]["status"] for number in (1, 2, 3)] == ["IN_PROGRESS", "RESOLVED", "REJECTED"]
    assert wiz.scanned == ["entity-1"]
    assert "verification v-1" in str(wiz.issues["issue-1"]["notes"])
    again = {each.source: each.closing for each in at.told(seen())}
    assert (again["wiz:issue-1"], wiz.scanned) == (Closing.ALREADY, ["entity-1"])


def test_a_scan_that_is_refused_is_asked_for_again(wiz: WizServer, tmp_path: Path) -> None:
    wiz.put(issue(1))
    wiz.no_scan = "too many scans"
    store = SqliteLedger(tmp_path / "ledger.sqlite")
    put(store, "wiz:issue-1")
    at = closer(store, WizIssues(client(wiz)))
    (told,) = at.told(seen())
    assert (told.closing, "too many scans" in told.reason) == (Closing.FAILED, True)
    wiz.no_scan = ""
    assert at.closings(seen()) == [Closing.TOLD]
    notes = wiz.issues["issue-1"]["notes"]
    assert isinstance(notes, list)
    assert len(notes) == 1
    assert entry_of(store).state is State.FIXED


def test_what_is_still_open_goes_back(wiz: WizServer, tmp_path: Path) -> None:
    wiz.put(issue(1))
    store = SqliteLedger(tmp_path / "ledger.sqlite")
    put(store, "wiz:issue-1")
    at = closer(store, WizIssues(client(wiz)))
    looked = seen(3, Result.STILL_OPEN, seen="no target")
    assert at.closings(looked) + at.closings(looked) == [Closing.NOTIFIED, Closing.ALREADY]
    assert (wiz.issues["issue-1"]["status"], wiz.scanned) == ("IN_PROGRESS", [])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ISSUE_KEYS, *ENTITY_KEYS]), inner),
    max_leaves=12,
)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(ISSUE_KEYS), ANYTHING))
def test_whatever_wiz_answers_is_a_body_that_is_read_or_named_as_wrong(node: dict[str, object]) -> None:
    body = json.dumps([body_of(node)]).encode()
    (read,) = read_findings(body, format="wiz")
    assert isinstance(read, Finding | InvalidFinding)
    assert tracked(node).handle
