"""What the model is told. The words stand in `iacfix/prompts/`; here they meet the finding."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from iacfix.domain.location import Framework
from iacfix.domain.unseen import without_unseen
from iacfix.generation.context import FixContext, RejectedAttempt
from iacfix.generation.model import budget
from iacfix.generation.model.answer import FORM
from iacfix.generation.model.facts import companions_of, control_facts, setting_words
from iacfix.generation.redaction import Redaction

PROMPT_VERSION = 2  # goes up with every change to a template, so that a record tells which words were used

LONGEST_FIELD = 500  # characters
# Bytes of a field of the finding, an address, the provider's requirement; the next where there is too little left.
LONGEST_FACTS = (240, 120, 60)
FACTS_SHARE = 0.6
# And of a target that has to be cut, so that there is room for what it reads.
TARGET_SHARE = 0.7
LONGEST_PATH = 300
LONGEST_REASON = 2_000
LONGEST_EARLIER_REASON = 200
LONGEST_OWN_DIFF = 6_000
LONGEST_RELATED = 900
# Below this a block that is cut says nothing any more.
LEAST_RELATED = 160
_FENCE_LENGTH = 12
# Tokens kept back for the marks of what is left out.
SPARE = 20
_NO_DIFF = "(no diff could be read from the answer)"

Fields = dict[str, str]


def texts_to_hide(context: FixContext, rejections: Sequence[RejectedAttempt]) -> tuple[str, ...]:
    """Every text from outside that a prompt will hold, those of the first turn first: placeholders keep their numbers
    from one attempt to the next.
    """
    return (
        context.target,
        *(block.text for block in context.related),
        *_fields(context).values(),
        context.provider,
        *_place(context.location.path, context.location.address).values(),
        *(text for block in context.related for text in _place(block.path, block.address).values()),
        *(text for attempt in rejections for text in (attempt.diff, attempt.stage, attempt.reason)),
    )


@cache
def system_prompt(framework: Framework) -> str:
    """The same for every finding in one language, so that it can be cached where the model is."""
    return rendered("system.md.j2", version=PROMPT_VERSION, terraform=framework is Framework.TERRAFORM)


@cache
def form_text() -> str:
    """The answer's form as it counts for the length of a question."""
    return f"{FORM.name} {FORM.description} {json.dumps(FORM.schema)}"


def fix_prompt(context: FixContext, redaction: Redaction) -> str:
    """Never longer than the budget leaves beside system part and form, unless what has to be there is longer by itself.

    The target goes first, cut where it must be. What is left is for one example, the blocks around, nearest first, and
    a second example. Texts are cut when their secrets are hidden: half a secret looks like none.
    """
    target = redaction.hide(context.target).rstrip("\n")
    related = [
        {**_place(block.path, block.address), "relation": block.relation, "text": block.text.rstrip("\n")}
        for block in context.related
    ]
    related = [{name: redaction.hide(text) for name, text in block.items()} for block in related]
    room = budget.MAX_INPUT_TOKENS - SPARE - budget.tokens(system_prompt(context.location.framework) + form_text())
    values = _head(context, redaction, LONGEST_FACTS[0])
    for longest in LONGEST_FACTS[1:]:
        if _length(values) > budget.bytes_of(room) * FACTS_SHARE:
            values = _head(context, redaction, longest)
    values["left_out"] = len(related)  # so that there is room to say so
    most = max(budget.bytes_of(room) - _length(values), 0)
    if len(target.encode(errors="surrogatepass")) > most:
        most = int(most * TARGET_SHARE)
    values["target"] = budget.cut(target, most, setting_words(context)).rstrip("\n")
    examples: list[Mapping[str, str]] = []
    for example in context.examples[:1]:
        examples += _fitting(values, "examples", examples, {"weakness": example.weakness, "diff": example.diff}, room)
    values["examples"] = examples
    shown = _that_fit(values, related, room, setting_words(context))
    values |= {"related": shown, "left_out": len(related) - len(shown)}
    for example in context.examples[1:]:
        examples += _fitting(values, "examples", examples, {"weakness": example.weakness, "diff": example.diff}, room)
    values["fence"] = fence_for(_texts(values))
    return rendered("fix.md.j2", **values)


def answered(attempt: RejectedAttempt, redaction: Redaction) -> str:
    """The refused answer as the model's own turn; a service refuses turns without text."""
    diff = redaction.hide(attempt.diff)
    if not diff.strip():
        return _NO_DIFF
    diff = budget.cut(diff, LONGEST_OWN_DIFF)
    if "```" in diff:
        return diff
    return f"```diff\n{diff.rstrip()}\n```"


def retry_prompt(context: FixContext, rejections: Sequence[RejectedAttempt], redaction: Redaction) -> str:
    """The last refusal in full, those before it in a line each; their answers are not shown again."""
    *before, final = rejections
    last = {
        "stage": _one_line(redaction.hide(final.stage)),
        "reason": budget.clipped(redaction.hide(final.reason), LONGEST_REASON),
    }
    earlier = [
        {
            "stage": _one_line(redaction.hide(each.stage)),
            "reason": budget.clipped(_one_line(redaction.hide(each.reason)), LONGEST_EARLIER_REASON),
        }
        for each in before
    ]
    location = context.location
    path = _short_path(redaction.hide(_place(location.path, "")["path"]))
    place = f"{path}, lines {location.start_line} to {location.end_line}"
    fence = fence_for([place, *last.values(), *(text for attempt in earlier for text in attempt.values())])
    return rendered("retry.md.j2", fence=fence, last=last, earlier=earlier, place=place)


def fence_for(contents: Iterable[str]) -> str:
    """A mark for tags that occurs in none of the contents: derived from all of them, so that no author of one can put
    it there, and looked for all the same.
    """
    whole = "\0".join(contents)
    fence = hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest()[:_FENCE_LENGTH]
    while fence in whole:
        fence = hashlib.sha256(fence.encode()).hexdigest()[:_FENCE_LENGTH]
    return fence


def _head(context: FixContext, redaction: Redaction, longest: int) -> dict[str, object]:
    """Everything but the code: short, whatever comes from outside."""
    finding = {
        name: budget.clipped(_one_line(redaction.hide(text)), longest) for name, text in _fields(context).items()
    }
    place = _place(context.location.path, context.location.address)
    terraform = context.location.framework is Framework.TERRAFORM
    return {
        "finding": finding,
        "path": _short_path(redaction.hide(place["path"])),
        "address": budget.clipped(redaction.hide(place["address"]), longest),
        "control": control_facts(context, longest),
        "companions": companions_of(context),
        "noun": "block" if terraform else "resource",
        "provider": budget.clipped(_one_line(redaction.hide(context.provider)), longest),
        "style": [budget.clipped(line, longest) for line in context.style],
        "fence": "0" * _FENCE_LENGTH,
        "target": "",
        "related": [],
        "examples": [],
        "left_out": 0,
    }


def _that_fit(
    values: Mapping[str, object], related: Sequence[Fields], room: int, names: Collection[str]
) -> list[Fields]:
    """The first of them, each cut where it is long, up to one of which too little could be shown."""
    shown: list[Fields] = []
    for block in related:
        left = budget.bytes_of(room) - _length({**values, "related": [*shown, {**block, "text": ""}]})
        if left < min(LEAST_RELATED, len(block["text"].encode(errors="surrogatepass"))):
            break
        shown.append({**block, "text": budget.cut(block["text"], min(left, LONGEST_RELATED), names).rstrip("\n")})
    return shown


def _fitting(
    values: Mapping[str, object], name: str, before: Sequence[Mapping[str, str]], one: Mapping[str, str], room: int
) -> list[Mapping[str, str]]:
    fits = _length({**values, name: [*before, one]}) <= budget.bytes_of(room)
    return [one] if fits else []


def _length(values: Mapping[str, object]) -> int:
    return len(rendered("fix.md.j2", **values).encode(errors="surrogatepass"))


def _texts(value: object) -> list[str]:
    """Every text in what a template is given."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return []


def _fields(context: FixContext) -> dict[str, str]:
    finding = context.finding
    fields = {
        "source": finding.source,
        "check_id": finding.check_id,
        "title": finding.title,
        "severity": finding.severity.value,
        "resource_type": finding.resource.type,
        "resource": finding.resource.identifier,
    }
    return {name: _seen(text) for name, text in fields.items()}


def _seen(text: str) -> str:
    """One line without what nobody sees; before secrets are hidden, since it may stand in the middle of one."""
    return " ".join(without_unseen(" ".join(text.split()))[0].split())


def _place(path: str, address: str) -> dict[str, str]:
    return {"path": " ".join(path.splitlines()), "address": " ".join(address.splitlines())}


def _short_path(path: str) -> str:
    """Its last folders where it is very long: the apply stage takes them for the file that was located."""
    while len(path.encode(errors="surrogatepass")) > LONGEST_PATH and "/" in path:
        path = path.partition("/")[2]
    return path


def _one_line(text: str) -> str:
    """A field must not be able to write a second field."""
    return " ".join(text.split())[:LONGEST_FIELD]


def rendered(template: str, **values: object) -> str:
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
