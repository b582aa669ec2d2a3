import threading
from dataclasses import replace

import pytest

from iacfix.domain.errors import (
    ModelDeniedError,
    ModelError,
    ModelNotAskedError,
    ModelRejectedError,
    ModelThrottledError,
    ModelUnavailableError,
)
from iacfix.domain.proposal import Usage
from iacfix.generation.model.fallback import FallbackModel
from iacfix.generation.model.spending import BudgetedModel, Limits, Price, PricedModel
from iacfix.ports import ModelReply, ModelRequest, StopReason

REQUEST = ModelRequest("s" * 250, ("t" * 250,), 100)  # at worst 200 tokens in, 100 out
OTHER = replace(REQUEST, turns=("u" * 250,))
USED = Usage(input_tokens=50, output_tokens=20, cache_read_tokens=30)
PRICE = Price(input=3.0, output=15.0, cache_read=0.3, cache_write=3.75)


class Scripted:
    """Answers or fails in order."""

    def __init__(self, *replies: ModelError | Usage, name: str = "m") -> None:
        self.replies = list(replies)
        self.id = name
        self.asked = 0

    def ask(self, request: ModelRequest) -> ModelReply:
        del request
        self.asked += 1
        reply = self.replies.pop(0) if self.replies else USED
        if isinstance(reply, ModelError):
            raise reply
        return ModelReply("x", StopReason.END, reply)


def test_an_answer_has_its_price_rounded_up() -> None:
    assert PricedModel(Scripted(), PRICE).ask(REQUEST).usage.cost_micros == 459  # 50*3 + 20*15 + 30*0.3
    assert PRICE.of(Usage(input_tokens=1, cache_read_tokens=1)) == 4


@pytest.mark.parametrize(
    ("limits", "calls"),
    [
        (Limits(), 9),
        (Limits(tokens_per_run=299), 0),
        (Limits(tokens_per_run=300), 1),
        (Limits(tokens_per_run=500), 3),
        (Limits(tokens_per_finding=400), 2),
        (Limits(cost_per_run=2_249), 0),  # 200 * 3.75 + 100 * 15
        (Limits(cost_per_run=2_250), 1),
        (Limits(cost_per_finding=2_709), 2),
    ],
)
def test_a_limit_stops_before_it_is_passed(limits: Limits, calls: int) -> None:
    model = Scripted()
    budgeted = BudgetedModel(PricedModel(model, PRICE), limits, [PRICE])
    spent = Usage()
    for _ in range(9):
        try:
            used = budgeted.ask(REQUEST).usage
        except ModelNotAskedError as error:
            assert "model." in error.what  # noqa: PT017 - how many calls there are is what is tested
            break
        spent = Usage(spent.input_tokens + 100, 0, cost_micros=spent.cost_micros + used.cost_micros)
    assert model.asked == calls
    assert spent.input_tokens <= (limits.tokens_per_run or limits.tokens_per_finding or 10_000)
    assert spent.cost_micros <= (limits.cost_per_run or limits.cost_per_finding or 10_000)


def test_each_finding_has_its_own_limit_and_the_run_has_one() -> None:
    budgeted = BudgetedModel(Scripted(), Limits(tokens_per_finding=300, tokens_per_run=500))
    budgeted.ask(REQUEST)
    with pytest.raises(ModelNotAskedError, match=r"tokens_per_finding is 300 tokens; 100 tokens are used"):
        budgeted.ask(replace(REQUEST, turns=(*REQUEST.turns, "a", "b")))
    budgeted.ask(OTHER)
    budgeted.ask(replace(REQUEST, turns=("v",)))
    with pytest.raises(ModelNotAskedError, match="tokens_per_run"):
        budgeted.ask(replace(REQUEST, turns=("w" * 250,)))


def test_a_call_without_an_answer_costs_nothing() -> None:
    model = Scripted(ModelUnavailableError("cut"), ModelRejectedError("no"))
    budgeted = BudgetedModel(model, Limits(tokens_per_run=300))
    for kind in (ModelUnavailableError, ModelRejectedError):
        with pytest.raises(kind):
            budgeted.ask(REQUEST)
    assert budgeted.ask(REQUEST).text == "x"


def test_a_second_model_answers_where_the_first_has_no_room_this_once() -> None:
    first, second = Scripted(ModelThrottledError("busy"), name="a"), Scripted(name="b")
    model = FallbackModel(first, second)
    assert [model.ask(REQUEST).model, model.ask(REQUEST).model] == ["b", ""]
    assert (model.id, first.asked, second.asked) == ("a", 2, 1)


def test_a_second_model_answers_from_then_on_where_the_first_is_not_allowed() -> None:
    first, second = Scripted(ModelDeniedError("no"), name="a"), Scripted(name="b")
    model = FallbackModel(first, second)
    assert [model.ask(REQUEST).model, model.ask(REQUEST).model] == ["b", "b"]
    assert (first.asked, second.asked) == (1, 2)


@pytest.mark.parametrize("error", [ModelRejectedError("expired"), ModelUnavailableError("cut")])
def test_another_failure_is_none_for_a_second_model(error: ModelError) -> None:
    second = Scripted()
    with pytest.raises(type(error)):
        FallbackModel(Scripted(error), second).ask(REQUEST)
    assert second.asked == 0


class Together(Scripted):
    """Its first two answers come when both questions are there."""

    def __init__(self) -> None:
        super().__init__()
        self.both = threading.Barrier(2)
        self.lock = threading.Lock()
        self.begun = 0

    def ask(self, request: ModelRequest) -> ModelReply:
        with self.lock:
            self.begun += 1
            early = self.begun <= 2
        if early:
            self.both.wait(20)
        return super().ask(request)


def test_questions_at_once_are_never_over_the_limit_and_wait_for_what_may_be_left() -> None:
    """300 are assumed for each and 100 are used: a fifth may leave at 400, and at 500 none is on its way."""
    model = Together()
    budgeted = BudgetedModel(model, Limits(tokens_per_run=799))
    refused: list[str] = []

    def ask(number: int) -> None:
        try:
            budgeted.ask(replace(REQUEST, turns=(f"{number:0250}",)))
        except ModelNotAskedError as error:
            refused.append(error.what)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert model.asked == 5
    assert len(refused) == 3
    assert all("; 500 tokens are used" in what for what in refused)
