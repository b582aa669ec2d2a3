"""What the model is told. The words stand in `iacfix/prompts/`; here they meet the finding."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from iacfix.domain.errors import ModelNotAskedError
from iacfix.domain.unseen import without_unseen
from iacfix.generation.context import FixContext, RejectedAttempt
from iacfix.generation.redaction import Redaction

PROMPT_VERSION = 1  # goes up with every change to a template, so that a record tells which words were used

LONGEST_FIELD = 500
LONGEST_PLACE = 1_000
LONGEST_BLOCK = 60_000
LONGEST_REASON = 4_000
_FENCE_LENGTH = 12


def texts_to_hide(context: FixContext, rejections: Sequence[RejectedAttempt]) -> tuple[str, ...]:
    """Every text from outside that a prompt will hold, those of the first turn first: placeholders keep their numbers
    from one attempt to the next.
    """
    return (
        context.target,
        *(block.text for block in context.related),
        *_fields(context).values(),
        *_place(context.location.path, context.location.address).values(),
        *(text for block in context.related for text in _place(block.path, block.address).values()),
        *(text for attempt in rejections for text in (attempt.diff, attempt.stage, attempt.reason)),
    )


def system_prompt() -> str:
    return _render("system.md.j2", version=PROMPT_VERSION)


def fix_prompt(context: FixContext, redaction: Redaction) -> str:
    """Raises ModelNotAskedError when the block is too long to be shown."""
    finding = {name: redaction.hide(text)[:LONGEST_FIELD] for name, text in _fields(context).items()}

    def hidden_place(path: str, address: str) -> dict[str, str]:
        return _short_place(**{name: redaction.hide(text) for name, text in _place(path, address).items()})

    place = hidden_place(context.location.path, context.location.address)
    target = redaction.hide(context.target)
    related = [{**hidden_place(each.path, each.address), "text": redaction.hide(each.text)} for each in context.related]
    if len(target) > LONGEST_BLOCK:
        raise ModelNotAskedError(
            f"the block has {len(target)} characters, and {LONGEST_BLOCK} is the most that a model is shown",
            remedy="split the block, or change it by hand",
        )
    shown = (*finding.values(), *place.values(), target, *(text for block in related for text in block.values()))
    control = context.control and {
        "title": context.control.title.rstrip("."),
        "why": context.control.why,
        "companions": context.control.terraform.companions if context.control.terraform is not None else (),
    }
    fence = fence_for(shown)
    return _render("fix.md.j2", fence=fence, finding=finding, control=control, target=target, related=related, **place)


def retry_prompt(rejections: Sequence[RejectedAttempt], redaction: Redaction) -> str:
    attempts = [
        {
            "stage": redaction.hide(_one_line(each.stage))[:LONGEST_FIELD],
            "reason": redaction.hide(each.reason)[:LONGEST_REASON],
        }
        for each in rejections
    ]
    fence = fence_for(text for attempt in attempts for text in attempt.values())
    return _render("retry.md.j2", fence=fence, attempts=attempts)


def fence_for(contents: Iterable[str]) -> str:
    """A mark for tags that occurs in none of the contents: derived from all of them, so that no author of one can put
    it there, and looked for all the same.
    """
    whole = "\0".join(contents)
    fence = hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest()[:_FENCE_LENGTH]
    while fence in whole:
        fence = hashlib.sha256(fence.encode()).hexdigest()[:_FENCE_LENGTH]
    return fence


def _fields(context: FixContext) -> dict[str, str]:
    finding = context.finding
    fields = {
        "source": finding.source,
        "id": finding.id,
        "check_id": finding.check_id,
        "title": finding.title,
        "severity": finding.severity.value,
        "resource_type": finding.resource.type,
        "resource": finding.resource.identifier,
    }
    return {name: _one_line(text) for name, text in fields.items()}


def _place(path: str, address: str) -> dict[str, str]:
    return {"path": " ".join(path.splitlines()), "address": " ".join(address.splitlines())}


def _short_place(path: str, address: str) -> dict[str, str]:
    """What is left of a path that is too long is its end, which is enough to name it."""
    if len(path) > LONGEST_PLACE:
        path = path[-LONGEST_PLACE:].partition("/")[2] or path[-LONGEST_PLACE:]
    return {"path": path, "address": address[:LONGEST_PLACE]}


def _one_line(text: str) -> str:
    """A field must not be able to write a second field, nor hold more than people see. Before secrets are hidden: what
    nobody sees may stand in the middle of one.
    """
    return " ".join(without_unseen(" ".join(text.split()))[0].split())


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    # No escaping: the reader is a model, and code must reach it byte for byte. The fences keep data apart.
    return Environment(
        loader=PackageLoader("iacfix", "prompts"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(()),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
