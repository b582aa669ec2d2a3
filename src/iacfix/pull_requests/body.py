"""What a pull request says: short, in the order its reader asks, and harmless whatever the finding holds."""

import textwrap
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.domain.location import Framework, Location
from iacfix.domain.marks import facts_marker, marker, trailer
from iacfix.domain.outcome import Proposal
from iacfix.domain.secrets import redact
from iacfix.pull_requests.folded import folded, results
from iacfix.pull_requests.markdown import code, disarmed, first_lines, inline, link, plain

TITLE_LENGTH = 120

# What everybody reads ends here; the hidden markers before it are not counted, nor what is folded after it.
SHOWN = 1_500

_TEXT_LENGTH = 600


class _Most(NamedTuple):
    """Characters of each sentence and of each name, before what Markdown needs to show them as they are."""

    prose: int
    name: int


# Tried one after the other. Names give way first: what they end in is seldom what somebody decides by.
_LIMITS = (
    _Most(_TEXT_LENGTH, _TEXT_LENGTH),
    *(_Most(_TEXT_LENGTH, name) for name in (160, 110, 70)),
    *(_Most(prose, min(prose, 60)) for prose in (*range(400, 60, -20), 60, 40, 30, 20, 12, 6, 3)),
)
_MOST_ASSUMED = 3
_LINK_LENGTHS = 4  # times as long as a name that is shown
_GAP = 2  # the empty line between the markers and the rest
_TOOLS = (
    *(".aws.amazon.com", ".console.amazonaws-us-gov.com", ".console.amazonaws.cn"),
    *(".prismacloud.io", ".paloaltonetworks.com", ".bridgecrew.cloud", ".aquasec.com", ".prowler.com", ".wiz.io"),
)
_GENERATORS = {"recipe": "deterministic recipe", "model": "language model"}


@dataclass(frozen=True, slots=True)
class Notes:
    """What a body says beside the fix. `draft` is why it is a draft, the end of a sentence; `drafts` whether the host
    knows such. `commands`: comments are answered. `fold`: the host folds `<details>`.
    """

    draft: str = ""
    drafts: bool = True
    commands: bool = False
    fold: bool = True

    @property
    def draft_word(self) -> str:
        return "This is a draft:" if self.drafts else "Not to be merged without a second look:"


NOTHING_MORE = Notes()


def title(finding: Finding, control: Control | None, location: Location) -> str:
    """One line of at most TITLE_LENGTH characters, and those that keep mentions and references from working."""
    return disarmed(redact(f"{_weakness(finding, control)}: {location.address}"), TITLE_LENGTH)


def commit_message(  # noqa: PLR0913, PLR0917 - a message speaks of everything that is known of a fix
    finding: Finding, control: Control | None, location: Location, proposal: Proposal, key: str, content: str = ""
) -> str:
    """Subject, reason, origin, and the key in a trailer. No text from outside begins a line, so none is a trailer."""
    why = _line(proposal.candidate.explanation) or "no explanation was given"
    if not _by_recipe(proposal):
        why = f"in the author's words, which nobody has checked: “{why}”"
    parts = (
        title(finding, control, location),
        textwrap.fill(f"Why: {why}", 72, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False),
        f"Finding: {_line(f'{finding.id} ({finding.source}, {finding.check_id})')}",
        f"Written by: {_line(' '.join(_generator(proposal.candidate.generator)))}",
        trailer(key, content),
    )
    return "\n\n".join(parts) + "\n"


def compose(  # noqa: PLR0913 - a body speaks of everything that is known of a fix
    finding: Finding,
    control: Control | None,
    location: Location,
    proposal: Proposal,
    key: str,
    *,
    max_length: int,
    facts: Mapping[str, str] | None = None,
    notes: Notes = NOTHING_MORE,
) -> str:
    """Markdown of at most `max_length` characters: hidden markers, at most SHOWN characters that everybody reads, and
    what is folded. All long texts of the first part are cut alike; where that cut any, they stand below in full.

    Where a body would be longer than its host takes, what is folded goes first, then the ends of texts, then whole
    lines from the end; the marker stays. Raises ValueError where not even the marker fits.
    """
    first = "\n".join((marker(key), facts_marker(facts))) if facts else marker(key)
    if max_length < len(first):
        msg = f"a body of {max_length} characters cannot hold its marker of {len(first)}"
        raise ValueError(msg)

    brief = _brief(finding, control, location, proposal)

    def shown(most: _Most) -> str:
        return "\n\n".join(_parts(*brief, notes, most))

    room = min(SHOWN, max_length - len(first) - _GAP)
    first_that_fits = bisect_left(_LIMITS, True, key=lambda each: len(shown(each)) <= room)
    if first_that_fits == len(_LIMITS):
        return first_lines(f"{first}\n\n{shown(_LIMITS[-1])}", min(max_length, len(first) + _GAP + SHOWN))
    most = _LIMITS[first_that_fits]
    head = f"{first}\n\n{shown(most)}"
    texts = tuple(_cut_texts(finding, control, location, proposal, most))
    return head + folded(proposal.verdict, texts, max_length - len(head), fold=notes.fold)


def _brief(
    finding: Finding, control: Control | None, location: Location, proposal: Proposal
) -> tuple[Finding, Control | None, Location, Proposal]:
    """Every text without secrets and no longer than any that is shown: each is looked at once for all limits."""

    def short(text: str) -> str:
        return plain(redact(text), _TEXT_LENGTH)

    resource, candidate = finding.resource, proposal.candidate
    if control is not None:
        control = replace(control, title=short(control.title), why=short(control.why), effect=short(control.effect))
    if (decision := proposal.decision) is not None:
        decision = replace(decision, address=short(decision.address), path=short(decision.path))
    candidate = replace(
        candidate,
        generator=short(candidate.generator),
        explanation=short(candidate.explanation),
        assumptions=tuple(filter(None, map(short, candidate.assumptions))),
    )
    finding = replace(
        finding,
        resource=replace(
            resource,
            identifier=short(resource.identifier),
            account=short(resource.account),
            region=short(resource.region),
        ),
        id=short(finding.id),
        source=short(finding.source),
        check_id=short(finding.check_id),
        title=short(finding.title),
        url=redact(finding.url)[: _LINK_LENGTHS * _TEXT_LENGTH],
    )
    return (
        finding,
        control,
        replace(location, address=short(location.address), path=short(location.path)),
        replace(proposal, candidate=candidate, decision=decision),
    )


def _parts(  # noqa: PLR0913, PLR0917 - as of compose
    finding: Finding, control: Control | None, location: Location, proposal: Proposal, notes: Notes, most: _Most
) -> tuple[str, ...]:
    return (
        *((f"**{notes.draft_word}** {inline(notes.draft, most.prose)}.",) if notes.draft else ()),
        _problem(finding, control, location, most),
        *_change(control, proposal, most),
        results(proposal.verdict.stages),
        _facts(finding, proposal, most),
        _answers(notes),
    )


def _problem(finding: Finding, control: Control | None, location: Location, most: _Most) -> str:
    lines = f"lines {location.start_line} to {location.end_line}"
    template = "the CloudFormation template " if location.framework is Framework.CLOUDFORMATION else ""
    where = f"{code(location.address, most.name)} in {template}{code(location.path, most.name)}, {lines}"
    said = inline(_weakness(finding, control), most.prose)
    if not control:
        return f"**Problem.** “{said}” was reported for {where}."
    return f"**Problem.** “{said}” does not hold for {where}.\n\n**Why it matters.** {inline(control.why, most.prose)}"


def _change(control: Control | None, proposal: Proposal, most: _Most) -> Iterator[str]:
    explanation = inline(proposal.candidate.explanation, most.prose) or "no explanation was given."
    change = f"**Change.** {explanation}"
    if not _by_recipe(proposal):
        change = f"**Change.** In its author's words, which nobody has checked:\n\n> “{explanation}”"
    if (decision := proposal.decision) is not None:
        lines = f"lines {decision.start_line} to {decision.end_line}"
        place = f"{code(decision.address, most.name)} in {code(decision.path, most.name)}, {lines}"
        change += f" It is made where the value is decided, not at the resource: {place}."
    yield change
    if control and control.effect:
        yield f"**When applied.** {inline(control.effect, most.prose)}"
    if assumed := proposal.candidate.assumptions:
        more = [f"> and {len(assumed) - _MOST_ASSUMED} more"] if len(assumed) > _MOST_ASSUMED else []
        quoted = [f"> “{inline(text, most.prose)}”" for text in assumed[:_MOST_ASSUMED]]
        yield "**It rests on this**, in its author's words, which nobody has checked:\n\n" + "\n>\n".join(
            (*quoted, *more)
        )


def _facts(finding: Finding, proposal: Proposal, most: _Most) -> str:
    resource = finding.resource
    place = ", ".join(
        f"{name} {code(value, most.name)}"
        for name, value in (("account", resource.account), ("region", resource.region))
        if value
    )
    tool = f"{code(finding.source, most.name)} (check {code(finding.check_id, most.name)})"
    reported = f"{code(finding.id, most.name)} from {tool}, severity {finding.severity.value}"
    kind, name = _generator(proposal.candidate.generator)
    author = f"{kind} {code(name, most.name)}" if name else kind
    risk = f"; risk of the change: {proposal.risk.value}" if proposal.risk is not None else ""
    lines = (
        f"- Finding: {', '.join(filter(None, (reported, _address(finding.url, most.name))))}",
        f"- Resource: {', '.join(filter(None, (code(resource.identifier, most.name), place)))}",
        f"- Written by: {author}{risk}",
    )
    return "\n".join(lines)


def _answers(notes: Notes) -> str:
    reject = "**To reject it**, close this pull request: it stays closed until the finding changes."
    if not notes.commands:
        return f"{reject} To accept the risk for a time, list it in `.iacfix/exceptions.yaml`."
    return (
        f'{reject} **To accept the risk**, comment `/iacfix accept-risk until=YYYY-MM-DD reason="WORDS"`. '
        "There are also `/iacfix retry WORDS` and `/iacfix explain`."
    )


def _cut_texts(
    finding: Finding, control: Control | None, location: Location, proposal: Proposal, most: _Most
) -> Iterator[tuple[str, str]]:
    """Those that are cut, by name."""
    resource, candidate = finding.resource, proposal.candidate
    names = (("Finding", finding.id), ("Resource", resource.identifier), ("Block", location.address))
    prose = (
        ("Title", _weakness(finding, control)),
        *((("Why it matters", control.why), ("When applied", control.effect)) if control else ()),
        ("Change" if _by_recipe(proposal) else "Explanation", candidate.explanation),
    )
    yield from ((name, text) for name, text in names if len(text) > most.name)
    yield from ((name, text) for name, text in prose if len(text) > most.prose)
    for number, text in enumerate(candidate.assumptions):
        if len(text) > most.prose or number >= _MOST_ASSUMED:
            yield "Assumption", text


def _address(url: str, limit: int) -> str:
    """A link only to where the tools live that findings come from: whoever writes a finding could lead people anywhere
    else. Other addresses are shown and not linked, and so are those that leave no room for anything else.
    """
    linked = link("open it", url) if len(url) <= _LINK_LENGTHS * limit else ""
    if linked and f".{urlsplit(url).hostname}".endswith(_TOOLS):
        return linked
    return f"at {code(url, limit)}" if url else ""


def _by_recipe(proposal: Proposal) -> bool:
    return proposal.candidate.generator.startswith("recipe:")


def _weakness(finding: Finding, control: Control | None) -> str:
    return control.title if control else redact(finding.title) or finding.check_id


def _line(text: str) -> str:
    return disarmed(redact(text), _TEXT_LENGTH)


def _generator(generator: str) -> tuple[str, str]:
    """Kind and name: `model:<id>` is a language model called <id>, anything that is not known is somebody."""
    kind, _, name = generator.partition(":")
    return (_GENERATORS[kind], name) if kind in _GENERATORS else ("somebody who gave the diff", "")
