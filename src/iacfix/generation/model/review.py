"""What a model is told for a second opinion: facts as JSON, without secrets, no longer than the budget."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from iacfix.domain.identifiers import IdKind
from iacfix.generation.model import budget
from iacfix.generation.model.prompt import rendered
from iacfix.generation.redaction import Redaction
from iacfix.ports import AnswerForm, ModelReply, ModelRequest, StopReason

REVIEW_VERSION = 1  # goes up with every change to the template
LONGEST_FACT = 240  # bytes
MOST_TAGS = 50  # as many as a resource may have
MOST_EVENTS = 100
# Of a text that is longer only so much is looked at: what is shown of it is its beginning, without its secrets.
LONGEST_TEXT = 8_000
_SPARE = 40  # tokens, for what stands around the facts

FORM: Final = AnswerForm(
    "review",
    "Hands over the one opinion on the finding.",
    {
        "type": "object",
        "properties": {
            "verdict": {
                "type": "string",
                "enum": ["agree", "escalate"],
                "description": "What comes next.",
            },
            "reason": {"type": "string", "description": "One or two plain sentences."},
        },
        "required": ["verdict", "reason"],
    },
)
Facts = Mapping[str, str]


def review_request(
    facts: Facts,
    tags: Sequence[tuple[str, str]],
    events: Sequence[Facts],
    *,
    max_tokens: int,
    hidden: frozenset[IdKind] = frozenset(),
) -> ModelRequest:
    """Facts go first, then events, the first of them first, then tags, as many as there is room for."""
    facts = {name: text[:LONGEST_TEXT] for name, text in facts.items()}
    shown_events = [{name: text[:LONGEST_TEXT] for name, text in each.items()} for each in events[:MOST_EVENTS]]
    shown_tags = [{"key": key[:LONGEST_TEXT], "value": value[:LONGEST_TEXT]} for key, value in tags[:MOST_TAGS]]
    redaction = Redaction.of([text for each in (facts, *shown_events, *shown_tags) for text in each.values()], hidden)
    system = rendered("review.md.j2", version=REVIEW_VERSION)
    form = f"{FORM.name} {FORM.description} {json.dumps(FORM.schema)}"

    def shown(entry: Facts) -> Facts:
        return {name: _short(redaction.hide(text)) for name, text in entry.items()}

    told: dict[str, object] = {**shown(facts), "recent_activity": [], "tags": [], "left_out": ""}
    used = budget.tokens(system + form) + _SPARE
    room = budget.bytes_of(budget.MAX_INPUT_TOKENS - used) - len(_written(told).encode())
    kept_events, room = _fitting([shown(each) for each in shown_events], room)
    kept_tags, _ = _fitting([shown(each) for each in shown_tags], room)
    left_out = len(events) - len(kept_events) + len(tags) - len(kept_tags)
    told |= {"recent_activity": kept_events, "tags": kept_tags}
    told["left_out"] = f"{left_out} more events and tags, for want of room" if left_out else ""
    return ModelRequest(system, (_written(told),), max_tokens, FORM)


def answered(reply: ModelReply) -> object:
    """What was filled in, or written as JSON; None where that is not one whole answer."""
    if reply.stop not in {StopReason.FORM, StopReason.END}:
        return None
    if reply.forms:
        return reply.forms[0].content if len(reply.forms) == 1 and reply.forms[0].name == FORM.name else None
    try:
        content: object = json.loads(reply.text)
    except (ValueError, RecursionError):
        return None
    return content


def _short(text: str) -> str:
    """By what it takes when it is written, which is more where it has quotes in it."""
    short = budget.clipped(text, LONGEST_FACT)
    return short if len(_written(short).encode()) <= LONGEST_FACT + 2 else budget.clipped(short, LONGEST_FACT // 2)


def _fitting(entries: Sequence[Facts], room: int) -> tuple[list[Facts], int]:
    kept: list[Facts] = []
    for each in entries:
        size = len(_written(each).encode()) + 2  # and what stands between two of them
        if size > room:
            break
        kept.append(each)
        room -= size
    return kept, room


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
