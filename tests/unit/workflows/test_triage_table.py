"""The decision table: what each condition does alone, in pairs, and at its edges. One row is one finding at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import combinations
from pathlib import Path

from iacfix.adapters.policy.embedded import EmbeddedPolicy, shipped_policy
from iacfix.config.triage import FreezeSettings, TriageSettings, WindowSettings
from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.finding import CloudResource, Finding, Severity
from iacfix.domain.triage import Action, Decision, Mode, RouteKind
from iacfix.entry.triaging import calendar_from
from iacfix.triage.actions import ActionLimits, Limit
from iacfix.triage.automation_rules import AutomationRules
from iacfix.triage.blast_radius import BlastRadius, Touch
from iacfix.triage.exceptions import Exceptions, RiskException, Scope
from iacfix.triage.facts import Environments
from iacfix.triage.modes import ModeRule, Modes
from iacfix.triage.ownership import Entry, Ownership, TagRule
from iacfix.triage.route import Router, RouteRule
from iacfix.triage.tags import pattern
from iacfix.workflows.exceptions import AcceptedRisks
from iacfix.workflows.triage import Assumed, Gates, Triage

TODAY = date(2026, 11, 20)
NOW = "2026-11-20T12:00"
TAGS = {"Environment": "production", "Team": "platform"}
ACCOUNT = "123456789012"
NO_RULES = AutomationRules()
BUCKET = "arn:aws:s3:::logs"


def finding(**changes: object) -> Finding:
    """Of a control with a recipe, low risk, on a bucket that is somebody's."""
    tags = changes.pop("tags", TAGS)
    assert isinstance(tags, Mapping | tuple)
    pairs = tuple(tags.items()) if isinstance(tags, Mapping) else tags
    kind, account = str(changes.pop("type", "AwsS3Bucket")), str(changes.pop("account", ""))
    known = Finding(
        source="security_hub",
        id="f-1",
        check_id="S3.9",
        title="S3 buckets should have server access logging",
        resource=CloudResource(kind, BUCKET, "logs", account, "eu-central-1", pairs),
        severity=Severity.HIGH,
    )
    return replace(known, **changes)  # type: ignore[arg-type] # the names of a row's changes are looked at by `replace`


def risk(until: date, created: date = date(2026, 1, 1), fault: str = "") -> RiskException:
    return RiskException(Scope(finding="f-1"), "ann", "It serves our site.", created, until, fault)


@dataclass(frozen=True)
class Row:
    """`against` are the rules that stand in the way; none: eligible."""

    name: str
    read: Finding = field(default_factory=finding)
    against: frozenset[str] = frozenset()
    mode: Mode = Mode.SUPERVISED
    route: RouteKind | None = None
    gates: Gates = field(default_factory=Gates)
    at: str = NOW
    exceptions: tuple[RiskException, ...] = ()
    unreadable: str = ""
    routes: tuple[RouteRule, ...] = ()
    resource_types: tuple[str, ...] = ()
    environments: Mapping[str, str] = field(default_factory=dict)
    assumed: Assumed = field(default_factory=Assumed)
    touched: tuple[Touch, ...] = ()
    model: bool = False


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


OWNERSHIP = Ownership(
    Entry("governance"),
    (TagRule("platform", pattern("Team=platform"), "platform"),),
    {ACCOUNT: Entry("payments")},
)


def decided(row: Row, policy: EmbeddedPolicy, rules: AutomationRules = NO_RULES) -> Decision:
    risks = AcceptedRisks(Exceptions(row.exceptions), row.unreadable, lambda: TODAY)
    return Triage(
        catalogue(),
        OWNERSHIP,
        policy,
        Router(catalogue(), row.routes, row.model),
        lambda: datetime.fromisoformat(row.at).replace(tzinfo=UTC),
        row.gates,
        Environments(accounts=row.environments),
        row.assumed,
        row.resource_types,
        lambda _: risks,
        touched=list(row.touched),
        rules=rules,
    ).decide(row.read)


# Each condition of the policy, and what makes it false.
CONDITIONS: Mapping[str, Mapping[str, object]] = {
    "severity": {"severity": Severity.MEDIUM},
    "environment": {"tags": {**TAGS, "Environment": "restricted-production"}},
    "owner": {"tags": {**TAGS, "Team": "nobody"}},
    "exception": {},
    "resource_type": {"type": "AwsUnheardOf"},
    "change": {"title": "Unused buckets should be removed"},
}


def failing(*names: str) -> Row:
    changes: dict[str, object] = {}
    tags = dict(TAGS)
    for name in names:
        more = dict(CONDITIONS[name])
        tags |= {key: value for key, value in dict(more.pop("tags", TAGS)).items() if TAGS[key] != value}  # type: ignore[call-overload] # of a table of its own
        changes |= more
    # a deletion is held by the policy and by the gate of its own
    against = {*names, *({"action"} if "change" in names else ())}
    exceptions = (risk(TODAY),) if "exception" in names else ()
    return Row(" and ".join(names), finding(tags=tags, **changes), frozenset(against), exceptions=exceptions)


def open_only(*windows: WindowSettings) -> Gates:
    return Gates(calendar=calendar_from(TriageSettings(Path("owners.yaml"), windows=windows)))


def frozen(start: str, end: str) -> Gates:
    freeze = FreezeSettings("f", start, end, "Europe/Berlin")
    return Gates(calendar=calendar_from(TriageSettings(Path("owners.yaml"), freezes=(freeze,))))


def berlin(start: str, end: str, *days: str) -> Gates:
    return open_only(WindowSettings("w", start, end, "Europe/Berlin", days))


CLOSED, FROZEN = frozenset({"window"}), frozenset({"freeze"})
NIGHT = berlin("22:00", "04:00", "sat")
YEAR_END = frozen("2026-12-20", "2027-01-06")
FOLDED = frozen("2026-10-25T02:30", "2026-10-25T02:45")
LORD_HOWE = open_only(WindowSettings("w", "01:30", "02:15", "Australia/Lord_Howe"))
GROUP = {"check_id": "EC2.19", "type": "AwsEc2SecurityGroup", "title": "Ports"}
AUTO = Gates(modes=Modes(Mode.AUTONOMOUS))


def touch(resource: str, minute: int = 0, run: str = "this run", control: str = "s3-access-logging") -> Touch:
    return Touch(datetime(2026, 11, 20, 11, minute, tzinfo=UTC), resource, control, run)


def no(*rules: str) -> frozenset[str]:
    return frozenset(rules)


ROWS = (
    Row("nothing stands in the way", route=RouteKind.IAC),
    *(failing(name) for name in CONDITIONS),
    *(failing(*names) for names in combinations(CONDITIONS, 2)),
    failing(*CONDITIONS),
    # what is missing
    Row("no tags", finding(tags={}), no("environment", "owner")),
    Row("no tags, an account", finding(tags={}, account=ACCOUNT), no("environment")),
    Row("no tags, an account and its environment", finding(tags={}, account=ACCOUNT), environments={ACCOUNT: "prod"}),
    Row("no tags, assumed ones", finding(tags={}), assumed=Assumed("", TAGS)),
    Row("assumed tags do not hide its own", finding(tags={"ENVIRONMENT": "restricted-production"}), no("environment"), assumed=Assumed("", TAGS)),
    Row("no type", finding(type=""), no("resource_type")),
    Row("no type, all approved", finding(type=""), no("resource_type"), resource_types=("*",)),
    Row("no severity", finding(severity=Severity.UNKNOWN), no("severity")),
    Row("no check", finding(check_id="", title=""), no("resource_type")),
    Row("critical", finding(severity=Severity.CRITICAL)),
    Row("low", finding(severity=Severity.LOW), no("severity")),
    # tags in odd case
    Row("keys in capitals", finding(tags={"ENVIRONMENT": "production", "TEAM": "platform"})),
    Row("values in capitals", finding(tags={"Environment": "PRODUCTION", "Team": "PLATFORM"})),
    Row("restricted in odd case", finding(tags={**TAGS, "Environment": " Restricted-PRODUCTION "}), no("environment")),
    Row("restricted under another key", finding(tags={**TAGS, "env": "restricted-production"}), no("environment")),
    Row("restricted by its account", finding(account=ACCOUNT), no("environment"), environments={ACCOUNT: "Restricted-Production"}),
    Row("a key twice, one restricted", finding(tags=(*TAGS.items(), ("environment", "restricted-production"))), no("environment")),
    Row("a key twice, two teams", finding(tags=(*TAGS.items(), ("team", "other"))), no("owner")),
    Row("an empty environment", finding(tags={**TAGS, "Environment": " "}), no("environment")),
    Row("excluded", finding(tags={**TAGS, "IacFix": "OFF"}), no("exclusion")),
    Row("excluded by a key", finding(tags={**TAGS, "iacfix:exclude": ""}), no("exclusion")),
    Row("excluded by one of two", finding(tags=(*TAGS.items(), ("iacfix", "on"), ("IACFIX", "off"))), no("exclusion")),
    # exceptions
    Row("accepted until today", exceptions=(risk(TODAY),), against=no("exception")),
    Row("accepted until yesterday", exceptions=(risk(date(2026, 11, 19)),)),
    Row("accepted from tomorrow", exceptions=(risk(date(2026, 12, 1), date(2026, 11, 21)),)),
    Row("accepted, malformed", exceptions=(risk(date(2026, 12, 1), fault="line 3: no approver"),)),
    Row("nobody knows what is accepted", unreadable="it is not YAML", against=no("exception")),
    # actions and modes
    Row("network needs approval", finding(**GROUP), gates=AUTO),
    Row("network may be allowed", finding(**GROUP), gates=replace(AUTO, actions=ActionLimits({Action.NETWORK: Limit.ALLOW})), mode=Mode.AUTONOMOUS),
    Row("network never", finding(**GROUP), no("action", "change"), gates=Gates(actions=ActionLimits({Action.NETWORK: Limit.NEVER}))),
    Row("a high risk needs approval", finding(check_id="ECS.2", type="AwsEcsService"), gates=AUTO),
    Row("autonomous", gates=AUTO, mode=Mode.AUTONOMOUS),
    Row("a mode of its own", gates=Gates(modes=Modes(rules=(ModeRule("S3-*", Mode.OBSERVE),))), mode=Mode.OBSERVE),
    Row("a mode by its check", gates=Gates(modes=Modes(rules=(ModeRule("s3.9", Mode.ASSIST),))), mode=Mode.ASSIST),
    Row("a mode of others", gates=Gates(modes=Modes(rules=(ModeRule("rds-*", Mode.OBSERVE),)))),
    # routes
    Row("by the table", routes=(RouteRule(RouteKind.BOTH, "s3-*"), RouteRule(RouteKind.HUMAN)), route=RouteKind.BOTH),
    Row("by its type", routes=(RouteRule(RouteKind.HUMAN, type="awss3*"),), route=RouteKind.HUMAN),
    Row("an unknown check", finding(check_id="S3.999"), no("resource_type"), route=RouteKind.HUMAN),
    Row("an unknown check of an approved type", finding(check_id="S3.999"), resource_types=("AwsS3*",), route=RouteKind.HUMAN),
    Row("an unknown check, a model", finding(check_id="S3.999"), resource_types=("AwsS3*",), model=True, route=RouteKind.IAC),
    # how much at once
    Row("a run is full", gates=Gates(blast_radius=BlastRadius(run=1)), touched=(touch("a"),), against=no("blast radius")),
    Row("another run was", gates=Gates(blast_radius=BlastRadius(run=1)), touched=(touch("a", run="before"),)),
    Row("the hour is full", gates=Gates(blast_radius=BlastRadius(hour=1)), touched=(touch("a", 1, run="before"),), against=no("blast radius")),
    Row("an hour ago to the second", gates=Gates(blast_radius=BlastRadius(hour=1)), touched=(touch("a", 0, run="before"),)),
    Row("a control is full", gates=Gates(blast_radius=BlastRadius(control=1)), touched=(touch("a"),), against=no("blast radius")),
    Row("another control is", gates=Gates(blast_radius=BlastRadius(control=1)), touched=(touch("a", control="x"),)),
    Row("nothing at all", gates=Gates(blast_radius=BlastRadius(run=0)), against=no("blast radius")),
    Row("a live change counts too", gates=Gates(blast_radius=BlastRadius(run=1)), touched=(touch("a"),), routes=(RouteRule(RouteKind.RUNTIME),), against=no("blast radius")),
    # windows over the night in which clocks are put forward: 02:00 becomes 03:00 at 01:00 UTC
    Row("before the window", gates=NIGHT, at="2026-03-28T20:59", against=CLOSED),
    Row("the window opens", gates=NIGHT, at="2026-03-28T21:00"),
    Row("its last minute", gates=NIGHT, at="2026-03-29T01:59"),
    Row("the window closes", gates=NIGHT, at="2026-03-29T02:00", against=CLOSED),
    Row("the next night is not its day", gates=NIGHT, at="2026-03-29T20:30", against=CLOSED),
    Row("an hour that does not happen", gates=berlin("02:00", "03:00"), at="2026-03-29T01:00", against=CLOSED),
    Row("its end would be its start", gates=berlin("02:30", "03:30"), at="2026-03-29T01:15", against=CLOSED),
    Row("on any other day it is open", gates=berlin("02:30", "03:30"), at="2026-03-28T01:45"),
    # … and put back: 03:00 becomes 02:00 at 01:00 UTC
    Row("the long night opens", gates=NIGHT, at="2026-10-24T20:00"),
    Row("the last minute of the long night", gates=NIGHT, at="2026-10-25T02:59"),
    Row("the long night closes", gates=NIGHT, at="2026-10-25T03:00", against=CLOSED),
    Row("the hour that happens twice, first", gates=berlin("02:00", "03:00"), at="2026-10-25T00:30", against=CLOSED),
    Row("the hour that happens twice, then", gates=berlin("02:00", "03:00"), at="2026-10-25T01:30"),
    Row("the earlier end counts", gates=berlin("01:00", "02:30"), at="2026-10-25T00:29"),
    Row("and it stays closed", gates=berlin("01:00", "02:30"), at="2026-10-25T01:15", against=CLOSED),
    Row("half an hour forward, in it", gates=LORD_HOWE, at="2026-10-03T15:10"),
    Row("half an hour forward, over", gates=LORD_HOWE, at="2026-10-03T15:30", against=CLOSED),
    Row("one of two windows", gates=open_only(WindowSettings("a", "01:00", "02:00"), WindowSettings("b", "11:00", "13:00"))),
    # freezes
    Row("before the freeze", gates=YEAR_END, at="2026-12-19T22:59"),
    Row("the freeze begins", gates=YEAR_END, at="2026-12-19T23:00", against=FROZEN),
    Row("its last minute is frozen", gates=YEAR_END, at="2027-01-06T22:59", against=FROZEN),
    Row("the freeze is over", gates=YEAR_END, at="2027-01-06T23:00"),
    Row("a freeze begins at the earlier", gates=FOLDED, at="2026-10-25T00:30", against=FROZEN),
    Row("and ends at the later", gates=FOLDED, at="2026-10-25T01:44", against=FROZEN),
    Row("and is over then", gates=FOLDED, at="2026-10-25T01:45"),
)  # fmt: skip


def test_every_row_of_the_table_is_decided_as_it_says() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) >= 60
    wrong, policy = [], shipped_policy()
    for row in ROWS:
        found = decided(row, policy)
        against = {each.rule for each in found.against}
        got = (found.eligible, against, found.mode)
        wanted = (not row.against, set(row.against), row.mode)
        if got != wanted or (row.route is not None and found.route.kind is not row.route):
            wrong.append((row.name, got, wanted, found.route))
        if row.against:
            assert found.route.kind is RouteKind.HUMAN
            assert not found.may_propose
        assert found.policy_version == policy.version
        assert all(each.text for each in (*found.reasons, *found.against, *found.route.reasons))
    assert wrong == []
