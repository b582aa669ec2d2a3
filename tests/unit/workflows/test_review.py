"""A second opinion makes a decision stricter, or changes nothing: whatever a model answers."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ledger.test_audit import EVENT
from tests.unit.ledger.test_states import RECEIVED
from tests.unit.workflows.test_record import clock
from tests.unit.workflows.test_triage_table import OWNERSHIP, TODAY, Row, catalogue, failing, finding

from iacfix.adapters.policy.embedded import EmbeddedPolicy, shipped_policy
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.errors import ModelUnavailableError
from iacfix.domain.finding import CloudResource
from iacfix.domain.ledger import State
from iacfix.domain.proposal import Usage
from iacfix.domain.triage import Decision, Effect, GateResult, Mode, RouteKind
from iacfix.generation.model import budget
from iacfix.generation.model.review import FORM
from iacfix.ledger.audit import appended
from iacfix.ports import FilledForm, ModelReply, ModelRequest, StopReason
from iacfix.ports.activity import Activity, ActivityError
from iacfix.triage.exceptions import Exceptions
from iacfix.triage.modes import Modes
from iacfix.triage.review import GATE, LONGEST_REASON, Reviewer, Silence, Subject, read_opinion
from iacfix.triage.route import Router
from iacfix.workflows.activity import LedgerActivity
from iacfix.workflows.exceptions import AcceptedRisks
from iacfix.workflows.review import ModelReview
from iacfix.workflows.triage import Gates, Triage

AGREES = {"verdict": "agree", "reason": "Nothing speaks against it."}
WANTS_A_PERSON = {"verdict": "escalate", "reason": "Somebody restores this bucket right now."}
Answers = Callable[[ModelRequest], ModelReply]
CONTENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["agree", "escalate", "AGREE"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["verdict", "reason", "eligible", "mode"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@dataclass
class Scripted:
    """A model that says what it is told to, and keeps what it was asked."""

    answer: Answers
    asked: list[ModelRequest] = field(default_factory=list)
    id: str = "scripted"

    def ask(self, request: ModelRequest) -> ModelReply:
        self.asked.append(request)
        return self.answer(request)


def filled(content: object, name: str = FORM.name, stop: StopReason = StopReason.FORM) -> Answers:
    return lambda _: ModelReply("", stop, Usage(), (FilledForm(name, content),))


def said(text: str, stop: StopReason = StopReason.END) -> Answers:
    return lambda _: ModelReply(text, stop, Usage())


def late(_: ModelRequest) -> ModelReply:
    raise ModelUnavailableError("the model did not answer in time")


@cache
def policy() -> EmbeddedPolicy:
    return shipped_policy()


@cache
def without_review(number: int) -> Decision:
    return decided(ROWS[number], None)


def decided(row: Row, review: Reviewer | None) -> Decision:
    risks = AcceptedRisks(Exceptions(row.exceptions), row.unreadable, lambda: TODAY)
    return Triage(
        catalogue(),
        OWNERSHIP,
        policy(),
        Router(catalogue(), row.routes, row.model),
        lambda: next(clock()),
        row.gates,
        resource_types=row.resource_types,
        accepted=lambda _: risks,
        review=review,
    ).decide(row.read)


ALLOWED = Row("allowed", finding())
ROWS = [ALLOWED] + [
    failing(name) for name in ("severity", "environment", "owner", "exception", "resource_type", "change")
]


@pytest.mark.parametrize(
    ("answer", "silence", "eligible", "text"),
    [
        (filled(AGREES), Silence.ESCALATE, True, "a second opinion agrees: Nothing speaks against it."),
        (said(json.dumps(AGREES)), Silence.ESCALATE, True, "a second opinion agrees"),
        (filled(WANTS_A_PERSON), Silence.IGNORE, False, "wants a person to look: Somebody restores this bucket"),
        (late, Silence.ESCALATE, False, "no second opinion could be had: the model did not answer in time"),
        (late, Silence.IGNORE, True, "no second opinion could be had, which does not count"),
        (said("agree"), Silence.ESCALATE, False, "cannot be read"),
        (said(json.dumps(AGREES), StopReason.MAX_TOKENS), Silence.ESCALATE, False, "cannot be read"),
        (filled(AGREES, "propose_fix"), Silence.ESCALATE, False, "cannot be read"),
        (filled({**AGREES, "eligible": True}), Silence.ESCALATE, False, "cannot be read"),
        (filled({"verdict": "agree", "reason": " \n"}), Silence.ESCALATE, False, "cannot be read"),
        (filled({"verdict": "Agree", "reason": "x"}), Silence.ESCALATE, False, "cannot be read"),
        (filled(AGREES, stop=StopReason.GUARDRAIL), Silence.ESCALATE, False, "cannot be read"),
    ],
)
def test_what_an_answer_counts_as(answer: Answers, silence: Silence, *, eligible: bool, text: str) -> None:
    decision = decided(ALLOWED, ModelReview(Scripted(answer), silence=silence))
    assert decision.eligible is eligible
    (reason,) = (each for each in decision.reasons if each.rule == GATE)
    assert text in reason.text
    assert (reason in decision.against) is not eligible
    assert decision.route.kind is (RouteKind.IAC if eligible else RouteKind.HUMAN)


@settings(max_examples=80, deadline=None)
@given(CONTENTS, st.sampled_from(StopReason), st.sampled_from(Silence), st.integers(0, 6))
def test_no_answer_makes_a_decision_milder(content: object, stop: StopReason, silence: Silence, number: int) -> None:
    answer = filled(content, stop=stop) if stop is StopReason.FORM else said(json.dumps(content), stop)
    model = Scripted(answer)
    before, after = without_review(number), decided(ROWS[number], ModelReview(model, silence=silence))
    assert after.eligible <= before.eligible
    assert after.mode.at_most(before.mode) is after.mode
    assert set(before.against) <= set(after.against)
    assert {each for each in before.reasons if each.rule != "blast radius"} <= set(after.reasons)
    assert after.owner == before.owner
    assert bool(model.asked) is before.eligible, "what is held anyway costs no question"


@given(CONTENTS)
def test_an_opinion_is_a_verdict_and_a_line_that_can_be_shown(content: object) -> None:
    found = read_opinion(content)
    if found is not None:
        assert isinstance(content, dict)
        assert content["verdict"] == found.verdict
        assert 0 < len(found.reason) <= LONGEST_REASON
        assert "\n" not in found.reason


def test_what_a_model_says_is_shown_without_secrets() -> None:
    key = "AKIA" + "IOSFODNN7EXAMPL2"
    found = read_opinion({"verdict": "agree", "reason": f"It has\u202e the key {key}\nIgnore this."})
    assert found is not None
    assert key not in found.reason
    assert "\u202e" not in found.reason


def test_only_what_may_be_proposed_is_reviewed() -> None:
    model = Scripted(filled(WANTS_A_PERSON))
    row = replace(ALLOWED, gates=Gates(modes=Modes(Mode.OBSERVE)))
    assert decided(row, ModelReview(model)).eligible
    assert model.asked == []


class Told:
    def recent(self, resource: CloudResource, most: int) -> Sequence[Activity]:
        return [Activity(f"2026-11-20T11:0{each}:00Z", "ann", f"PutBucket of {resource.name}") for each in range(most)]


class Unknown:
    def recent(self, resource: CloudResource, most: int) -> Sequence[Activity]:
        raise ActivityError(f"nobody tells {most} events of {resource.name}")


def test_a_question_holds_what_is_known_and_no_secret() -> None:
    secret = "AKIA" + "IOSFODNN7EXAMPL2"
    model = Scripted(filled(AGREES))
    tags = (("Environment", "production"), ("Team", "platform"), ("note", f"key {secret}"))
    row = replace(ALLOWED, read=finding(tags=tags))
    decided(row, ModelReview(model, (Told(), Unknown()), events=3))
    (request,) = model.asked
    told = json.loads(request.turns[0])
    assert told["resource"] == "arn:aws:s3:::logs"
    assert [each["at"][14:16] for each in told["recent_activity"]] == ["02", "01", "00"], "the newest first"
    assert "nobody tells 3 events" in told["activity_not_known"]
    assert secret not in request.system + request.turns[0]
    assert request.form == FORM


@settings(max_examples=8, deadline=None)
@given(st.text(max_size=300), st.integers(0, 60))
def test_a_question_is_never_longer_than_its_budget(text: str, count: int) -> None:
    model = Scripted(filled(AGREES))
    tags = (*finding().resource.tags, *((f"k{number}", text) for number in range(count)))
    events = [Activity("2026", text[:500], text) for _ in range(count)]

    class Many:
        def recent(self, resource: CloudResource, most: int) -> Sequence[Activity]:  # noqa: ARG002 - the port's
            return events[:most]

    row = replace(ALLOWED, read=finding(tags=tags, title=text))
    review = ModelReview(model, (Many(),), events=100)
    if not decided(row, None).eligible:  # a text may say that something is to be deleted
        return
    decided(row, review)
    (request,) = model.asked
    asked = request.system + request.turns[0] + json.dumps(FORM.schema)
    assert budget.tokens(asked) <= budget.MAX_INPUT_TOKENS


def test_the_ledger_tells_what_became_of_a_resource(tmp_path: Path) -> None:
    store = SqliteLedger(tmp_path / "ledger.sqlite")
    for number, (state, account) in enumerate([(State.FIXED, "1"), (State.NOT_WANTED, ""), (State.FIXED, "2")]):
        at = f"2026-11-0{number + 1}T00:00:00+00:00"
        entry = replace(RECEIVED, key=f"{number:064x}", resource="arn:x", account=account, state=state, changed_at=at)
        store.write(appended(store.head("main"), EVENT), replace(entry, reason="a person closed it"))
    resource = CloudResource("AwsS3Bucket", "arn:x", account="1")
    found = LedgerActivity(store).recent(resource, 5)
    assert [each.at[:10] for each in found] == ["2026-11-02", "2026-11-01"]
    assert "is not_wanted: a person closed it" in found[0].what
    assert LedgerActivity(store).recent(replace(resource, identifier="arn:y"), 5) == []
    with pytest.raises(ActivityError):
        LedgerActivity(SqliteLedger(tmp_path / "nowhere" / "x")).recent(resource, 5)


@pytest.mark.parametrize("answer", [filled(AGREES), filled(WANTS_A_PERSON), late])
def test_a_gate_of_a_review_has_no_word_for_letting_through(answer: Answers) -> None:
    seen: list[GateResult] = []
    review = ModelReview(Scripted(answer))

    def watched(subject: Subject) -> GateResult:
        seen.append(review(subject))
        return seen[-1]

    decided(ALLOWED, watched)
    (result,) = seen
    assert result.cap is Mode.AUTONOMOUS
    assert result.effect in {Effect.PASSED, Effect.DENIED}
