"""What a pull request says: short, in the order its reader asks, and harmless whatever the finding holds."""

import textwrap
from collections.abc import Mapping
from urllib.parse import urlsplit

from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.domain.location import Framework, Location
from iacfix.domain.marks import facts_marker, marker, trailer
from iacfix.domain.outcome import Proposal
from iacfix.domain.secrets import redact
from iacfix.domain.verdict import StageResult
from iacfix.pull_requests.markdown import code, disarmed, fence, inline, link

TITLE_LENGTH = 120

_TEXT_LENGTH = 600
# Tried one after the other when a body is too long for its host even without the diff.
_SHORTER = (_TEXT_LENGTH, 200, 80, 30)
_NO_DIFF = "The diff is too long to be shown here: see the commit."
_TOOLS = (
    *(".aws.amazon.com", ".console.amazonaws-us-gov.com", ".console.amazonaws.cn"),
    *(".prismacloud.io", ".paloaltonetworks.com", ".bridgecrew.cloud", ".aquasec.com", ".prowler.com", ".wiz.io"),
)
_GENERATORS = {"recipe": "deterministic recipe", "model": "language model"}


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
) -> str:
    """Markdown of at most `max_length` characters. Where it would be longer the diff goes first, then the ends of long
    texts, then whole lines from the end; the marker stays. Raises ValueError where not even the marker fits.
    """
    first = "\n".join((marker(key), facts_marker(facts))) if facts else marker(key)
    if max_length < len(first):
        msg = f"a body of {max_length} characters cannot hold its marker of {len(first)}"
        raise ValueError(msg)
    whole = "\n\n".join((first, *_parts(finding, control, location, proposal, _TEXT_LENGTH), _diff(proposal)))
    if len(whole) <= max_length:
        return whole
    shorter = ""
    for limit in _SHORTER:
        shorter = "\n\n".join((first, *_parts(finding, control, location, proposal, limit), _NO_DIFF))
        if len(shorter) <= max_length:
            return shorter
    return _first_lines(shorter, max_length)


def _parts(
    finding: Finding, control: Control | None, location: Location, proposal: Proposal, limit: int
) -> tuple[str, ...]:
    source = inline(finding.source, limit) or "the tool that reported it"
    accept = f"To accept the risk, close it and suppress the finding in {source}, or it will be reported again."
    return (
        _problem(finding, control, location, limit),
        _change(control, proposal, limit),
        _stages(proposal.verdict.stages, limit),
        _facts(finding, proposal, limit),
        f"To reject the change, close this pull request.\n{accept}",
    )


def _problem(finding: Finding, control: Control | None, location: Location, limit: int) -> str:
    lines = f"lines {location.start_line} to {location.end_line}"
    template = "the CloudFormation template " if location.framework is Framework.CLOUDFORMATION else ""
    where = f"{code(redact(location.address), limit)} in {template}{code(redact(location.path), limit)}, {lines}"
    said = inline(_weakness(finding, control), limit)
    if not control:
        return f"**Problem.** “{said}” was reported for {where}."
    return f"**Problem.** “{said}” does not hold for {where}. {inline(control.why, limit)}"


def _change(control: Control | None, proposal: Proposal, limit: int) -> str:
    explanation = inline(redact(proposal.candidate.explanation), limit) or "no explanation was given."
    parts = [f"**Change.** {explanation}"]
    if not _by_recipe(proposal):
        parts = [f"**Change.** In its author's words, which nobody has checked:\n\n> “{explanation}”"]
    if (decision := proposal.decision) is not None:
        lines = f"lines {decision.start_line} to {decision.end_line}"
        place = f"{code(decision.address, limit)} in {code(decision.path, limit)}, {lines}"
        parts[0] += f" The change is not at the resource but where its value is decided: {place}."
    if control and control.effect:
        parts.append(f"**When applied.** {inline(control.effect, limit)}")
    if assumed := [text for each in proposal.candidate.assumptions if (text := inline(redact(each), limit))]:
        parts.append("**It rests on this**, in the words of its author, which nobody has checked:")
        parts.append("\n>\n".join(f"> “{text}”" for text in assumed))
    return "\n\n".join(parts)


def _stages(stages: tuple[StageResult, ...], limit: int) -> str:
    rows = (
        f"| {stage.name.value.replace('_', ' ')} | {stage.outcome.value} | {inline(redact(stage.reason), limit)} |"
        for stage in stages
    )
    return "\n".join(("| Check | Result | Reason |", "|---|---|---|", *rows))


def _facts(finding: Finding, proposal: Proposal, limit: int) -> str:
    resource = finding.resource
    place = ", ".join(
        f"{name} {code(value, limit)}"
        for name, value in (("account", resource.account), ("region", resource.region))
        if value
    )
    tool = f"{code(finding.source, limit)} (check {code(finding.check_id, limit)})"
    reported = f"{code(redact(finding.id), limit)} from {tool}, severity {finding.severity.value}"
    kind, name = _generator(proposal.candidate.generator)
    lines = (
        f"- Finding: {', '.join(filter(None, (reported, _address(redact(finding.url), limit))))}",
        f"- Resource: {', '.join(filter(None, (code(redact(resource.identifier), limit), place)))}",
        f"- Written by: {kind} {code(name, limit)}" if name else f"- Written by: {kind}",
        *((f"- Risk of the change: {proposal.risk.value}",) if proposal.risk is not None else ()),
    )
    return "\n".join(lines)


def _address(url: str, limit: int) -> str:
    """A link only to where the tools live that findings come from: whoever writes a finding could lead people anywhere
    else. Other addresses are shown and not linked.
    """
    linked = link("open it", url)
    if linked and f".{urlsplit(url).hostname}".endswith(_TOOLS):
        return linked
    return f"at {code(url, limit)}" if url else ""


def _by_recipe(proposal: Proposal) -> bool:
    return proposal.candidate.generator.startswith("recipe:")


def _diff(proposal: Proposal) -> str:
    count = proposal.verdict.changed_lines
    summary = f"<summary>Diff: {count} changed line{'' if count == 1 else 's'}</summary>"
    return f"<details>{summary}\n\n{fence(redact(proposal.verdict.diff), 'diff')}\n\n</details>\n"


def _weakness(finding: Finding, control: Control | None) -> str:
    return control.title if control else redact(finding.title) or finding.check_id


def _line(text: str) -> str:
    return disarmed(redact(text), _TEXT_LENGTH)


def _generator(generator: str) -> tuple[str, str]:
    """Kind and name: `model:<id>` is a language model called <id>, anything that is not known is somebody."""
    kind, _, name = generator.partition(":")
    return (_GENERATORS[kind], name) if kind in _GENERATORS else ("somebody who gave the diff", "")


def _first_lines(text: str, max_length: int) -> str:
    """Whole lines only: half a line could leave a code span open."""
    kept: list[str] = []
    length = -1
    for line in text.split("\n"):
        length += len(line) + 1
        if length > max_length:
            break
        kept.append(line)
    return "\n".join(kept)
