"""From what a model wrote to the diff in it. Whether the diff is any good is for the validators to say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from iacfix.domain.control import Risk
from iacfix.domain.errors import PatchError
from iacfix.domain.secrets import redact
from iacfix.generation.context import HeldBackError, UnusableAnswerError
from iacfix.generation.redaction import without_placeholders
from iacfix.ports import AnswerForm, FilledForm, ModelReply, StopReason

LONGEST_EXPLANATION = 2_000
LONGEST_ASSUMPTION = 300
MOST_ASSUMPTIONS = 10

# Nova takes no more than `type`, `properties` and `required` at the top: members too many are refused by us.
FORM: Final = AnswerForm(
    "propose_fix",
    "Hands over the one fix of the finding.",
    {
        "type": "object",
        "properties": {
            "diff": {"type": "string", "description": "The unified diff alone, without a fence."},
            "explanation": {"type": "string", "description": "What the change does, in up to three sentences."},
            "assumptions": {
                "type": "array",
                "items": {"type": "string"},
                "description": "What must hold for the fix to be right and is not to be seen in the code.",
            },
            "breaking_change_risk": {
                "type": "string",
                "enum": [risk.value for risk in Risk],
                "description": "How likely the change breaks something that works today.",
            },
        },
        "required": ["diff", "explanation", "assumptions", "breaking_change_risk"],
    },
)

# Every line of a diff has a mark before it, so that only the fence itself starts a line with back-ticks.
_FENCED = re.compile(r"^```diff[ \t]*\r?\n(?P<diff>.*?)(?:^```[ \t]*\r?$|\Z)", re.DOTALL | re.MULTILINE)
_AS_TEXT = "answer with one unified diff in a ```diff fence"
_AS_FORM = "call propose_fix once, with all of diff, explanation, assumptions and breaking_change_risk, and no more"


@dataclass(frozen=True, slots=True)
class Answer:
    """`diff` is the one fenced diff, or the whole text where there is not exactly one: the parse stage judges it.
    `prose` explains it and `assumptions` are what it rests on, both safe to show. `risk` is what the model says.
    """

    diff: str
    prose: str
    assumptions: tuple[str, ...] = ()
    risk: Risk | None = None


def read_answer(reply: ModelReply) -> Answer:
    """Raises UnusableAnswerError when the reply is empty, cut off or no answer, HeldBackError when it was held back."""
    try:
        return _read(reply)
    except PatchError as error:
        raise UnusableAnswerError(error.what, remedy=error.remedy, usage=reply.usage) from None


def _read(reply: ModelReply) -> Answer:
    match reply.stop:
        case StopReason.END | StopReason.FORM:
            return _in_form(reply.forms) if reply.forms or reply.stop is StopReason.FORM else _in_text(reply.text)
        case StopReason.MAX_TOKENS:
            raise PatchError(
                "the answer was cut off at the token limit", remedy="answer with a shorter diff, little prose"
            )
        case StopReason.OTHER:
            raise PatchError(
                "the answer stopped before it was whole", remedy="answer with one unified diff and no more"
            )
        case StopReason.GUARDRAIL:
            raise HeldBackError(
                "a guardrail of the account stopped the answer",
                remedy="look at the guardrail's trace, and allow the request there or take the finding by hand",
                usage=reply.usage,
            )
        case StopReason.REFUSED:
            raise HeldBackError(
                "the model declined to answer, or the service's content filter held it back",
                remedy="take this finding by hand, or choose another model",
                usage=reply.usage,
            )
        case _ as never:
            assert_never(never)


def _in_text(text: str) -> Answer:
    if not text.strip():
        raise PatchError("the answer was empty", remedy=_AS_TEXT)
    fenced = list(_FENCED.finditer(text))
    if len(fenced) != 1:
        return Answer(diff=text, prose="")
    only = fenced[0]
    around = text[: only.start()] + "\n" + text[only.end() :]
    return Answer(diff=only["diff"], prose=for_people(around)[:LONGEST_EXPLANATION])


def _in_form(forms: tuple[FilledForm, ...]) -> Answer:
    """Whatever the schema says is said again here: no service promises to keep to it."""
    if len(forms) != 1 or forms[0].name != FORM.name:
        names = ", ".join(repr(form.name[:60]) for form in forms[:3]) or "no tool"
        raise PatchError(f"the answer calls {names}, {len(forms)} in all", remedy=_AS_FORM)
    members = _members(forms[0].content)
    diff, explanation, risk = (_text(members, name) for name in ("diff", "explanation", "breaking_change_risk"))
    assumptions = members["assumptions"]
    if not isinstance(assumptions, list) or not all(isinstance(each, str) for each in assumptions):
        raise PatchError("the answer's assumptions are no list of texts", remedy=_AS_FORM)
    if risk not in list(Risk):
        known = ", ".join(Risk)
        raise PatchError("the answer's breaking_change_risk is no level", remedy=f"write one of {known}")
    if not diff.strip():
        raise PatchError("the answer's diff is empty", remedy=_AS_FORM)
    shown = (for_people(each)[:LONGEST_ASSUMPTION] for each in assumptions)
    return Answer(
        diff=_in_text(diff).diff,
        prose=for_people(explanation)[:LONGEST_EXPLANATION],
        assumptions=tuple(each for each in shown if each)[:MOST_ASSUMPTIONS],
        risk=Risk(risk),
    )


def _members(content: object) -> Mapping[str, object]:
    if not isinstance(content, dict):
        raise PatchError("the answer's tool input is no object", remedy=_AS_FORM)
    wanted = {"diff", "explanation", "assumptions", "breaking_change_risk"}
    if missing := sorted(wanted - content.keys()):
        raise PatchError(f"the answer's tool input lacks {', '.join(missing)}", remedy=_AS_FORM)
    if extra := [str(name)[:60] for name in content if name not in wanted]:
        raise PatchError(f"the answer's tool input has members too many: {', '.join(extra[:5])!r}", remedy=_AS_FORM)
    return content


def _text(members: Mapping[str, object], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise PatchError(f"the answer's {name} is no text", remedy=_AS_FORM)
    return value


def for_people(prose: str) -> str:
    shown = "".join(char for char in prose if char == "\n" or char.isprintable())
    return redact(without_placeholders(shown.strip()))
