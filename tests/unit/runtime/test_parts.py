import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.adapters.stores.kept import SqliteKept
from iacfix.controls import load_catalogue
from iacfix.domain.errors import LedgerError
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.remediation import Approval, ApprovalState, Change, Remediation
from iacfix.domain.runbook import LiveRead, Run, RuntimeFix
from iacfix.ports.kept import Kind
from iacfix.ports.posture import Answer, At, PostureError
from iacfix.runtime.approvals import Asking, answered, expired, question, scope
from iacfix.runtime.filling import UnfilledError, told
from iacfix.runtime.records import read, written
from iacfix.runtime.rules import open_rules
from iacfix.runtime.state import found, read_state
from iacfix.runtime.target import Target, target_of
from iacfix.runtime.throttle import Throttle

CONTROL = next(iter(load_catalogue()))
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FIX = RuntimeFix(
    arn="s3:",
    run=Run("Doc", {"Name": "{name}", "Was": "{was.A}"}),
    reads=LiveRead("s3", "GetThing", {"Bucket": "{name}"}, ("NoSuchThing",)),
    state={"A": "Thing.A"},
    absent={"A": ("off",)},
    right={"A": ("on", "always")},
    leave={"Key": "Thing.Key"},
    irreversible="it cannot be undone",
)
CHANGE = Change("c", "Doc", {"Name": ("b",)}, "123456789012", "eu-west-1", {"A": ("off",)})
FINDING = Finding("a", "1", "c", "t", CloudResource("T", "arn:aws:s3:::b", tags=(("k", "v"), ("k", "w"))))
ENTRY = LedgerEntry("k" * 64, State.TRIAGED, 3, "", "", "c", "r")
ASKING = Asking("iacfix/1", "policy 1", timedelta(hours=1))


class Reader:
    def __init__(self, answer: Answer | PostureError) -> None:
        self.answer = answer

    def read(self, service: str, operation: str, parameters: Mapping[str, object], at: At) -> Answer:
        assert (service, operation, dict(parameters), at.account) == ("s3", "GetThing", {"Bucket": "b"}, "1")
        if isinstance(self.answer, PostureError):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "values", "right", "kept"),
    [
        ({"Thing": {"A": "on"}}, ("on",), True, ""),
        ({"Thing": {"A": "always"}}, ("always",), True, ""),
        ({"Thing": {"A": True}}, ("true",), False, ""),
        ({"Thing": {"A": 3}}, ("3",), False, ""),
        ({"Thing": {}}, ("off",), False, ""),
        ({}, ("off",), False, ""),
        (PostureError("nothing", code="NoSuchThing"), ("off",), False, ""),
        (
            {"Thing": {"A": "off", "Key": "a-key"}},
            ("off",),
            False,
            "Key is set, which the runbook would undo or bring about",
        ),
        ({"Thing": {"A": "off", "Key": {}}}, ("off",), False, ""),
    ],
)
def test_what_stands_there_is_read(
    answer: Answer | PostureError, values: tuple[str, ...], right: object, kept: str
) -> None:
    state = read_state(Reader(answer), FIX, Target("b", "", "1", "eu-west-1"))
    assert (state.values["A"], state.right, state.kept) == (values, right, kept)


@pytest.mark.parametrize(
    "answer",
    [
        PostureError("denied", code="AccessDenied"),
        {"Thing": {"A": ["on"]}},
        {"Thing": {"A": {"a": 1}}},
        {"Thing": {"A": "x" * 500}},
        {"Thing": {"A": 1.5}},
    ],
)
def test_what_cannot_be_read_is_not_guessed(answer: Answer | PostureError) -> None:
    with pytest.raises(PostureError):
        read_state(Reader(answer), FIX, Target("b", "", "1", "eu-west-1"))


def test_a_path_takes_the_one_item_that_is_meant() -> None:
    both = [{"Key": "a.b", "Value": "1"}, {"Key": "c", "Value": "2"}]
    items = {"Items": both, "One": [{"A": 1}]}
    assert found(items, "Items.[Key=a.b].Value") == "1"
    assert found(items, "Items.[Key=x].Value") is None
    assert found({"Items": both * 2}, "Items.[Key=c].Value") is None
    assert found(items, "One.0.A") == 1
    assert found(items, "Items.0.Value") is None  # two were answered: which is meant?
    assert found({"Items": "text"}, "Items.0.Value") is None


def rule(**more: object) -> Mapping[str, object]:
    base = {"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": False, "IpProtocol": "tcp"}
    return {**base, "FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0", **more}


@pytest.mark.parametrize(
    ("one", "exact", "wider"),
    [
        (rule(), 1, False),
        (rule(CidrIpv4=None, CidrIpv6="::/0"), 1, False),
        (rule(CidrIpv4="10.0.0.0/8"), 0, False),
        (rule(IsEgress=True), 0, False),
        (rule(FromPort=443, ToPort=443), 0, False),
        (rule(FromPort=20, ToPort=30), 0, True),
        (rule(IpProtocol="-1", FromPort=-1, ToPort=-1), 0, True),
        (rule(IpProtocol="icmp", FromPort=-1, ToPort=-1), 0, False),
        (rule(FromPort=None, ToPort=None), 0, True),
        (rule(SecurityGroupRuleId=""), 0, True),
    ],
)
def test_only_a_rule_of_this_port_alone_is_taken_out(one: Mapping[str, object], exact: int, wider: object) -> None:
    rules = open_rules({"SecurityGroupRules": [one]}, 22, "sg-1")
    assert (len(rules.values["rules"]), bool(rules.wider)) == (exact, wider)
    for permission in rules.values["permissions"]:
        assert json.loads(permission)["FromPort"] == 22


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"SecurityGroupRules": [rule()], "NextToken": "more"},
        {"SecurityGroupRules": [rule(GroupId="sg-2")]},
        {"SecurityGroupRules": ["x"]},
    ],
)
def test_rules_that_are_not_all_there_are_no_rules(answer: Answer) -> None:
    with pytest.raises(PostureError):
        open_rules(answer, 22, "sg-1")


@pytest.mark.parametrize("was", [{}, {"A": ()}, {"A": ("x" * 513,)}, {"A": ("x",) * 51}])
def test_what_ssm_would_not_take_is_not_told(was: Mapping[str, tuple[str, ...]]) -> None:
    with pytest.raises(UnfilledError):
        told(FIX.run, {"name": "b"}, was)


@given(st.text(max_size=60))
def test_no_name_becomes_a_template_or_a_path(name: str) -> None:
    resource = CloudResource("", name, account="123456789012", region="eu-west-1")
    target = target_of(Finding("a", "1", "c", "t", resource), FIX)
    if isinstance(target, Target):
        assert not set("{}$\\'\"` \n\0") & set(target.name)
        assert ".." not in target.name
        assert told(Run("Doc", {"Name": "{name}"}), target.values("r"), {}) == {"Name": (target.name,)}


def test_a_record_reads_back_and_nothing_else_does() -> None:
    made = Remediation("k", 1, 1, FINDING, CHANGE, "token", "by ann", "2026")
    assert read(Remediation, written(made)) == made
    asked = question(ENTRY, FINDING, CONTROL, CHANGE, ASKING, NOW)
    assert read(Approval, written(asked)) == asked
    for damaged in ("", "[]", "{}", written(made)[:-1], written(made).replace('"round": 1', '"round": "1"')):
        with pytest.raises(LedgerError):
            read(Remediation, damaged)
    with pytest.raises(LedgerError):
        read(Approval, written(asked).replace('"pending"', '"maybe"'))


def test_an_answer_is_for_one_change_one_time_and_by_another() -> None:
    asked = question(ENTRY, FINDING, CONTROL, CHANGE, ASKING, NOW)
    yes = answered(asked, by="Ann", approve=True, note="", now=NOW)
    assert isinstance(yes, Approval)
    assert yes.state is ApprovalState.APPROVED
    assert answered(yes, by="bob", approve=False, note="", now=NOW) == f"Ann has approved it at {yes.answered_at}"
    assert answered(asked, by=" IACFIX/1 ", approve=True, note="", now=NOW) == "who asks does not answer"
    assert answered(asked, by="\u0020", approve=True, note="", now=NOW) == "an answer has a name under it"
    assert isinstance(answered(asked, by="ann", approve=True, note="", now=NOW + timedelta(hours=1)), str)
    assert isinstance(answered(asked, by="ann", approve=True, note="", now=NOW + timedelta(minutes=59)), Approval)
    assert expired(replace(asked, expires_at="soon"), NOW)
    other = Change("c", "Doc", {"Name": ("b",)}, "123456789012", "eu-west-1", {"A": ("on",)})
    assert scope(ENTRY, other) != scope(ENTRY, CHANGE) == asked.id


@pytest.mark.parametrize("lasts", [timedelta(), timedelta(days=8)])
def test_an_approval_lasts_neither_for_ever_nor_not_at_all(lasts: timedelta) -> None:
    with pytest.raises(ValueError, match="lasts"):
        Asking("a", "p", lasts)


def test_a_bucket_lets_so_many_through_in_a_minute() -> None:
    moment = [NOW]
    throttle = Throttle(2, lambda: moment[0])
    at, other = At("1", "eu-west-1"), At("2", "eu-west-1")
    assert [throttle.take(at), throttle.take(at)] == [0, 0]
    assert throttle.take(at) == 30
    assert throttle.take(other) == 0
    moment[0] += timedelta(seconds=30)
    assert throttle.take(at) == 0
    assert throttle.take(at) > 0


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "damaged").write_bytes(b"no database" * 100)
    with pytest.raises(LedgerError):
        SqliteKept(tmp_path / "damaged").get(Kind.APPROVAL, "a")
