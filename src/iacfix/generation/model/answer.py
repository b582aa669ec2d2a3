"""From what a model wrote to the diff in it. Whether the diff is any good is for the validators to say."""

import re
from dataclasses import dataclass
from typing import assert_never

from iacfix.domain.errors import ModelRejectedError, PatchError
from iacfix.domain.secrets import redact
from iacfix.generation.redaction import without_placeholders
from iacfix.ports import ModelReply, StopReason

LONGEST_EXPLANATION = 2_000

# Every line of a diff has a mark before it, so that only the fence itself starts a line with back-ticks.
_FENCED = re.compile(r"^```diff[ \t]*\r?\n(?P<diff>.*?)(?:^```[ \t]*\r?$|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """`diff` is the one fenced diff, or the whole reply where there is not exactly one: the parse stage judges it.
    `prose` is what stands around it, safe to show.
    """

    diff: str
    prose: str


def read_answer(reply: ModelReply) -> Answer:
    """Raises PatchError when the reply is empty or not whole, ModelRejectedError when the service held it back."""
    match reply.stop:
        case StopReason.END:
            pass
        case StopReason.MAX_TOKENS:
            raise PatchError(
                "the answer was cut off at the token limit", remedy="answer with a shorter diff, little prose"
            )
        case StopReason.REFUSED:
            raise ModelRejectedError(
                "the model or a guardrail declined to answer",
                remedy="look at the guardrail's trace, allow the request there or choose another model",
            )
        case StopReason.OTHER:
            raise PatchError(
                "the answer stopped before it was whole", remedy="answer with one unified diff as plain text"
            )
        case _ as never:
            assert_never(never)
    if not reply.text.strip():
        raise PatchError("the answer was empty", remedy="answer with one unified diff in a ```diff fence")
    fenced = list(_FENCED.finditer(reply.text))
    if len(fenced) != 1:
        return Answer(diff=reply.text, prose="")
    only = fenced[0]
    return Answer(diff=only["diff"], prose=_for_people(reply.text[: only.start()] + "\n" + reply.text[only.end() :]))


def _for_people(prose: str) -> str:
    shown = "".join(char for char in prose if char == "\n" or char.isprintable())
    return redact(without_placeholders(shown.strip()))[:LONGEST_EXPLANATION]
