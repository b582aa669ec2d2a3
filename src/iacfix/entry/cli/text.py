"""Results made to be looked at. Everything shown comes from outside: control characters and secrets are taken out."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from iacfix.domain.finding import Finding, InvalidFinding
from iacfix.domain.location import Location
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.domain.proposal import Usage
from iacfix.domain.secrets import redact
from iacfix.domain.verdict import StageOutcome, StageResult
from iacfix.entry.cli.records import reason_of
from iacfix.workflows.locate import Located

STYLES = {
    Status.PROPOSED: "green",
    Status.ALREADY_FIXED: "cyan",
    Status.ACCEPTED: "cyan",
    Status.NOT_ELIGIBLE: "yellow",
    Status.NOT_LOCATED: "yellow",
    Status.UNSUPPORTED: "yellow",
    Status.GENERATION_FAILED: "red",
    Status.INVALID_FINDING: "red",
}
MARKS = {
    StageOutcome.PASSED: ("✔", "green"),
    StageOutcome.REJECTED: ("✘", "red"),
    StageOutcome.SKIPPED: ("○", "yellow"),
}
DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def show_outcomes(console: Console, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        console.print(_panel(outcome))
    console.print(_summary(outcomes))
    if any(outcome.usage for outcome in outcomes):
        console.print(_models_part(outcomes))


def safe(text: str) -> str:
    """One line's worth of foreign text that can neither move the cursor nor show a secret."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in redact(text))


def _panel(outcome: Outcome) -> Panel:
    parts: list[Text] = [_where(outcome.finding, outcome.location)]
    if outcome.reason:
        parts.append(Text(safe(outcome.reason), style=STYLES[outcome.status]))
    if outcome.proposal is not None:
        parts += _elsewhere(outcome.proposal)
        parts.append(_diff(outcome.proposal.verdict.diff))
    if outcome.stages:
        parts.append(_stages(outcome.stages))
    if outcome.generator:
        tries = f", attempt {outcome.attempts}" if outcome.attempts > 1 else ""
        parts.append(Text(f"by {safe(outcome.generator)}{tries}{_taken(outcome.usage)}", style="dim"))
    if outcome.proposal is not None:
        parts += [Text(f"assumes: {safe(each)}", style="yellow") for each in outcome.proposal.candidate.assumptions]
    if (pull_request := outcome.pull_request) is not None:
        state = pull_request.action.value.replace("_", " ")
        reason = f" ({safe(pull_request.reason)})" if pull_request.reason else ""
        parts.append(Text(f"pull request {state}: {safe(pull_request.branch)} {safe(pull_request.url)}{reason}"))
    status = Text(outcome.status.replace("_", " "), style=f"bold {STYLES[outcome.status]}")
    return Panel(Group(*parts), title=_title(outcome.finding), subtitle=status, title_align="left")


def _title(finding: Finding | InvalidFinding) -> Text:
    if isinstance(finding, InvalidFinding):
        return Text(f"entry {finding.position + 1}", style="bold")
    return Text(f"{safe(finding.check_id)} {safe(finding.resource.identifier)}", style="bold")


def _where(finding: Finding | InvalidFinding, location: Location | None) -> Text:
    text = Text(safe(finding.title) if isinstance(finding, Finding) else safe(finding.source))
    if location is not None:
        text.append(f"\n{safe(location.path)}:{location.start_line}-{location.end_line}", style="blue")
    return text


def _elsewhere(proposal: Proposal) -> list[Text]:
    """Where the change goes, when that is not the resource itself."""
    if (decision := proposal.decision) is None:
        return []
    place = Text(f"{safe(decision.address)} in {safe(decision.path)}", style="blue")
    return [Text("changed at ").append_text(place), *(Text(safe(each), style="dim") for each in decision.why)]


def _diff(diff: str) -> Text:
    text = Text(no_wrap=True, overflow="fold")
    lines = diff.split("\n")
    body = next((index for index, line in enumerate(lines) if line.startswith("@@")), 0)
    for line in lines[body:]:
        text.append(safe(line.rstrip("\r")) + "\n", style=DIFF_STYLES.get(line[:1]))
    text.rstrip()
    return text


def _stages(stages: Sequence[StageResult]) -> Text:
    text = Text()
    for stage in stages:
        mark, style = MARKS[stage.outcome]
        text.append(f"{mark} {stage.name.replace('_', ' ')}  ", style=style)
    for stage in stages:
        if stage.outcome is StageOutcome.SKIPPED:
            text.append(f"\n○ {stage.name}: {safe(stage.reason)}", style="dim")
    return text


def _summary(outcomes: Sequence[Outcome]) -> Table:
    counts = Counter(outcome.status for outcome in outcomes)
    table = Table(title="Summary", title_justify="left")
    table.add_column("status")
    table.add_column("findings", justify="right")
    for status in Status:
        if counts[status]:
            table.add_row(Text(status.replace("_", " "), style=STYLES[status]), str(counts[status]))
    table.add_row("all", str(len(outcomes)), style="bold")
    return table


def _models_part(outcomes: Sequence[Outcome]) -> Table:
    """What was asked of models: a row for each finding that they answered, and the sums of the run."""
    asked = [outcome for outcome in outcomes if outcome.usage]
    calls = [call for outcome in asked for call in outcome.usage]
    priced = any(call.cost_micros for call in calls)
    table = Table(title="Model", title_justify="left")
    table.add_column("finding", overflow="fold")
    table.add_column("status")
    for name in ("attempts", "calls", "tokens in", "tokens out", *(["US dollars"] if priced else [])):
        table.add_column(name, justify="right", no_wrap=True)
    for outcome in asked:
        status = Text(outcome.status.replace("_", " "), style=STYLES[outcome.status])
        table.add_row(_title(outcome.finding), status, str(outcome.attempts), *_figures(outcome.usage, priced=priced))
    attempts = sum(outcome.attempts for outcome in asked)
    table.add_row("all", "", str(attempts), *_figures(calls, priced=priced), style="bold")
    table.caption = f"{len(calls)} model calls for {len(asked)} findings{_taken(calls)}"
    table.caption_justify = "left"
    return table


def _figures(calls: Sequence[Usage], *, priced: bool) -> list[str]:
    cost = [_dollars(calls)] if priced else []
    return [str(len(calls)), f"{_read(calls):,}", f"{sum(call.output_tokens for call in calls):,}", *cost]


def _read(calls: Sequence[Usage]) -> int:
    return sum(call.input_tokens + call.cache_read_tokens + call.cache_write_tokens for call in calls)


def _dollars(calls: Sequence[Usage]) -> str:
    return f"{sum(call.cost_micros for call in calls) / 1_000_000:.4f}"


def _taken(usage: Sequence[Usage]) -> str:
    """Tokens in and out, what the prompts were taken for before they left, and the cost where there are prices."""
    if not usage:
        return ""
    cached = sum(call.cache_read_tokens for call in usage)
    told = [f"{sum(call.estimated_input_tokens for call in usage):,} estimated"]
    told += [f"{cached:,} from the cache"] if cached else []
    cost = f"; ${_dollars(usage)}" if any(call.cost_micros for call in usage) else ""
    return f"; tokens: {_read(usage):,} in ({', '.join(told)}), {sum(call.output_tokens for call in usage):,} out{cost}"


def show_located(console: Console, located: Sequence[Located]) -> None:
    several = len({each.repository for each in located if each.repository}) > 1
    for each in located:
        parts: list[Text] = []
        result = each.result
        if isinstance(result, Location):
            within = f" in {safe(each.repository)}" if several else ""
            place = f"{safe(result.path)}:{result.start_line}-{result.end_line}{within}"
            parts.append(Text(f"{safe(result.address)} at {place}"))
            parts += [Text(f"{item.strategy}: {safe(item.detail)}", style="dim") for item in result.evidence]
            if each.choice is not None:
                parts.append(Text(f"fix at the {each.choice.at}: {safe(each.choice.reason)}", style="dim"))
            parts.append(Text(f"confidence {result.confidence:.2f}", style="dim"))
        else:
            parts.append(Text(safe(reason_of(each)), style="yellow"))
        console.print(Panel(Group(*parts), title=_title(each.finding), title_align="left"))
    found = sum(isinstance(each.result, Location) for each in located)
    console.print(f"{found} of {len(located)} located")
