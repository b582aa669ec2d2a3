from collections.abc import Sequence

from iacfix.domain.identifiers import IdKind
from iacfix.domain.proposal import Candidate
from iacfix.generation.context import FixContext, RejectedAttempt
from iacfix.generation.model.answer import read_answer
from iacfix.generation.model.prompt import fix_prompt, retry_prompt, system_prompt, texts_to_hide
from iacfix.generation.placeholders import check_placeholders
from iacfix.generation.redaction import Redaction
from iacfix.ports import Model, ModelRequest

_NO_DIFF = "(no diff could be read from the answer)"


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

        An answer without a readable diff is still a candidate, for the parse stage to refuse. Raises PatchError when
        there is nothing to judge (cut off, empty, a placeholder that was never given out or is not in its place): count
        it as an attempt that was rejected at the parse stage, with the error's text as its reason. Raises ModelError,
        which counts as none.
        """
        redaction = Redaction.of(texts_to_hide(context, rejections), self._hidden)  # 1
        turns = [fix_prompt(context, redaction)]
        if rejections:
            turns += [_as_answered(rejections[-1], redaction), retry_prompt(rejections, redaction)]
        reply = self._model.ask(ModelRequest(system_prompt(), tuple(turns), self._max_tokens))  # 2
        answer = read_answer(reply)  # 3
        check_placeholders(answer.diff)
        return Candidate(
            diff=redaction.restore(answer.diff),
            generator=f"model:{self._model.id}",
            explanation=answer.prose,
            usage=reply.usage,
        )


def _as_answered(attempt: RejectedAttempt, redaction: Redaction) -> str:
    """The refused answer as the model's own turn; a service refuses turns without text."""
    diff = redaction.hide(attempt.diff)
    if not diff.strip():
        return _NO_DIFF
    if "```" in diff:
        return diff
    return f"```diff\n{diff.rstrip()}\n```"
