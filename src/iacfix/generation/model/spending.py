"""What models may cost: prices, and limits that are held before a question leaves."""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from iacfix.domain.errors import ModelNotAskedError
from iacfix.domain.proposal import Usage
from iacfix.generation.model.prompt import form_text
from iacfix.ports import Model, ModelReply, ModelRequest

# Before a call the worst is assumed: as few bytes for a token as code ever takes, and an answer of the full length.
LEAST_BYTES_PER_TOKEN = 2.5


@dataclass(frozen=True, slots=True)
class Price:
    """In US dollars for a million tokens, which is the same as millionths of a dollar for one."""

    input: float
    output: float
    cache_read: float
    cache_write: float

    def of(self, usage: Usage) -> int:
        """In millionths of a dollar, rounded up."""
        cost = usage.input_tokens * self.input + usage.output_tokens * self.output
        cost += usage.cache_read_tokens * self.cache_read + usage.cache_write_tokens * self.cache_write
        return -int(-cost // 1)

    def most(self, tokens_in: int, tokens_out: int) -> int:
        return -int(-(tokens_in * max(self.input, self.cache_write) + tokens_out * self.output) // 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """0 is no limit. Costs are in millionths of a dollar."""

    tokens_per_finding: int = 0
    tokens_per_run: int = 0
    cost_per_finding: int = 0
    cost_per_run: int = 0


class PricedModel:
    """Writes down what each answer of a model cost."""

    def __init__(self, model: Model, price: Price) -> None:
        self._model = model
        self._price = price

    @property
    def id(self) -> str:
        return self._model.id

    def ask(self, request: ModelRequest) -> ModelReply:
        reply = self._model.ask(request)
        return replace(reply, usage=replace(reply.usage, cost_micros=self._price.of(reply.usage)))


@dataclass(slots=True)
class _Spent:
    """`calls` are on their way: what they may take at worst is in the sums until it is known what they took."""

    tokens: int = 0
    cost: int = 0
    calls: int = 0


@dataclass(slots=True)
class BudgetedModel:
    """Asks no question that could lead over a limit. `prices` are those of all models that may answer.

    What a finding has cost is kept by its first question, which is the same in every attempt. Where only questions that
    are on their way could lead over a limit together with one more, that one waits for their answers.
    """

    model: Model
    limits: Limits
    prices: Sequence[Price] = ()
    _run: _Spent = field(default_factory=_Spent)
    _findings: dict[bytes, _Spent] = field(default_factory=lambda: defaultdict(_Spent))
    _known: threading.Condition = field(default_factory=threading.Condition)

    @property
    def id(self) -> str:
        return self.model.id

    def ask(self, request: ModelRequest) -> ModelReply:
        """Raises ModelNotAskedError where a limit could be passed. A call without an answer counts nothing."""
        tokens_in = _most_tokens(request)
        most = _Spent(
            tokens_in + request.max_tokens,
            max((price.most(tokens_in, request.max_tokens) for price in self.prices), default=0),
            calls=1,
        )
        with self._known:
            finding = self._findings[hashlib.sha256(request.turns[0].encode(errors="replace")).digest()]
            while self._has_to_wait(finding, most):
                self._known.wait()
            _add(most, finding, self._run)
        spent = _Spent()
        try:
            reply = self.model.ask(request)
            used = reply.usage
            tokens = used.input_tokens + used.output_tokens + used.cache_read_tokens + used.cache_write_tokens
            spent = _Spent(tokens, used.cost_micros)
            return reply
        finally:
            with self._known:
                _add(_Spent(spent.tokens - most.tokens, spent.cost - most.cost, -1), finding, self._run)
                self._known.notify_all()

    def _has_to_wait(self, finding: _Spent, most: _Spent) -> bool:
        """Raises ModelNotAskedError where one more call could lead over a limit, and none is on its way that may turn
        out to take less than it could.
        """
        limits = self.limits
        for name, limit, spent, sofar, more in (
            ("tokens_per_finding", limits.tokens_per_finding, finding, finding.tokens, most.tokens),
            ("tokens_per_run", limits.tokens_per_run, self._run, self._run.tokens, most.tokens),
            ("cost_per_finding", limits.cost_per_finding, finding, finding.cost, most.cost),
            ("cost_per_run", limits.cost_per_run, self._run, self._run.cost, most.cost),
        ):
            if limit and sofar + more > limit:
                if spent.calls:
                    return True
                shown = _dollars if name.startswith("cost") else "{:,} tokens".format
                raise ModelNotAskedError(
                    f"model.{name} is {shown(limit)}; {shown(sofar)} are used, the next call may take {shown(more)}",
                    remedy=f"raise model.{name}, lower model.max_tokens, or fix fewer findings in one run",
                )
        return False


def _add(more: _Spent, *sums: _Spent) -> None:
    for each in sums:
        each.tokens += more.tokens
        each.cost += more.cost
        each.calls += more.calls


def _most_tokens(request: ModelRequest) -> int:
    form = form_text() if request.form is not None else ""
    size = sum(len(text.encode(errors="replace")) for text in (request.system, form, *request.turns))
    return -int(-size // LEAST_BYTES_PER_TOKEN)


def _dollars(micros: int) -> str:
    return f"${micros / 1_000_000:.4f}"
