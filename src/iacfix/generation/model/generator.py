from collections.abc import Sequence
from dataclasses import replace

from iacfix.domain.errors import PatchError
from iacfix.domain.identifiers import IdKind
from iacfix.domain.proposal import Candidate
from iacfix.generation.context import FixContext, RejectedAttempt, UnusableAnswerError
from iacfix.generation.model import budget
from iacfix.generation.model.answer import FORM, read_answer
from iacfix.generation.model.prompt import (
    answered,
    fix_prompt,
    form_text,
    retry_prompt,
    system_prompt,
    texts_to_hide,
)
from iacfix.generation.placeholders import check_placeholders
from iacfix.generation.redaction import Redaction
from iacfix.ports import Model, ModelReply, ModelRequest


class ModelGenerator:
    """Asks a model for a diff. Secrets never reach it: they travel as placeholders, and so do the names of `hidden`."""

    def __init__(self, model: Model, *, max_tokens: int, hidden: frozenset[IdKind] = frozenset()) -> None:
        self._model = model
        self._max_tokens = max_tokens
        self._hidden = hidden

    @property
    def id(self) -> str:
        return self._model.id

    def generate(self, context: FixContext, rejections: Sequence[RejectedAttempt]) -> Candidate:
        """One call of the model, told why its earlier answers were refused.

        1. Hide the secrets of everything that will be shown.
        2. Ask.
        3. Take the diff out of the reply and put the secrets back.

        An answer without a readable diff is still a candidate, for the parse stage to refuse. UnusableAnswerError is
        raised when there is nothing to judge (cut off, empty, no form of ours, a placeholder that was never given out
        or is not in its place): count it as an attempt that was rejected at the parse stage, with the error's text as
        its reason. Raises ModelError, which counts as none; HeldBackError is the one that tells what it cost.
        """
        redaction = Redaction.of(texts_to_hide(context, rejections), self._hidden)  # 1
        turns = [fix_prompt(context, redaction)]
        if rejections:
            turns += [answered(rejections[-1], redaction), retry_prompt(context, rejections, redaction)]
        request = ModelRequest(system_prompt(context.location.framework), tuple(turns), self._max_tokens, FORM)
        reply = _estimated(self._model.ask(request), request)  # 2
        answer = read_answer(reply)  # 3
        try:
            check_placeholders(answer.diff)
            diff = redaction.restore(answer.diff)
        except PatchError as error:
            raise UnusableAnswerError(error.what, remedy=error.remedy, usage=reply.usage) from None
        return Candidate(
            diff=diff,
            generator=f"model:{reply.model or self._model.id}",
            explanation=answer.prose,
            usage=reply.usage,
            assumptions=answer.assumptions,
            risk=answer.risk,
        )


def _estimated(reply: ModelReply, request: ModelRequest) -> ModelReply:
    """With what we took the question for, so that the record tells how good the estimate is."""
    estimate = budget.tokens(request.system + form_text() + "".join(request.turns))
    return replace(reply, usage=replace(reply.usage, estimated_input_tokens=estimate))
