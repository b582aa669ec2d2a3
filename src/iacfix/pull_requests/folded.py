"""What the checks said, in one look; and the part of a body that is folded: the diff, the reasons, long texts whole."""

from collections.abc import Iterable, Sequence

from iacfix.domain.secrets import redact
from iacfix.domain.verdict import Accepted, StageOutcome, StageResult
from iacfix.pull_requests.markdown import fence, inline

_DIFF_LENGTH = 20_000
_LINE_LENGTH = 500
_REASON_LENGTH = 600
_TEXT_LENGTH = 2_000
_TEXTS_LENGTH = 12_000
_SMALLEST_DIFF = 400  # less of it than this says nothing
_NO_DIFF = "\n\nThe diff is too long to be shown here: see the commit."
_MARKS = {StageOutcome.PASSED: "✅", StageOutcome.SKIPPED: "⚪", StageOutcome.REJECTED: "❌"}


def results(stages: Sequence[StageResult]) -> str:
    """A table of a line for each outcome. The names are ours, so that its length has a bound."""
    rows = [
        f"| {mark} {outcome.value} | {', '.join(names)} |"
        for outcome, mark in _MARKS.items()
        if (names := [stage.name.value.replace("_", " ") for stage in stages if stage.outcome is outcome])
    ]
    return "\n".join(("| Result | Checks |", "|---|---|", *rows))


def folded(verdict: Accepted, texts: Iterable[tuple[str, str]], room: int, *, fold: bool = True) -> str:
    """At most `room` characters. The diff goes before the reasons of the stages, these before the texts."""
    reasons = _section("What each check said", _reasons(verdict.stages), fold=fold)
    whole = _section("Texts that are cut above", _whole(texts), fold=fold)
    diff = _diff(verdict, room - len(reasons) - len(whole), fold=fold)
    if not diff:
        whole, diff = "", _diff(verdict, room - len(reasons), fold=fold)
    if not diff:
        reasons, diff = "", _diff(verdict, room, fold=fold)
    if not diff:
        return _NO_DIFF if len(_NO_DIFF) <= room else ""
    return f"{diff}{reasons}{whole}"


def _section(name: str, text: str, *, fold: bool) -> str:
    if not text:
        return ""
    return f"\n\n<details><summary>{name}</summary>\n\n{text}\n\n</details>" if fold else f"\n\n#### {name}\n\n{text}"


def _diff(verdict: Accepted, room: int, *, fold: bool) -> str:
    """As many whole lines as there is room for, each cut where it is long; "" where there is none for a few."""
    count = verdict.changed_lines
    name = f"Diff: {count} changed line{'' if count == 1 else 's'}"
    lines = [_cut(line) for line in redact(verdict.diff).replace("\r\n", "\n").removesuffix("\n").split("\n")]
    whole = _section(name, fence("\n".join(lines), "diff"), fold=fold)
    most = min(_DIFF_LENGTH, room)
    if len(whole) <= most:
        return whole
    kept: list[str] = []
    length = 0
    for line in lines:
        length += len(line) + 1
        if length > most - _SMALLEST_DIFF:
            break
        kept.append(line)
    cut = f"and {len(lines) - len(kept)} more lines: see the commit."
    shown = _section(name, f"{fence(chr(10).join(kept), 'diff')}\n\n{cut}", fold=fold)
    return shown if kept and len(shown) <= room else ""


def _cut(line: str) -> str:
    return line if len(line) <= _LINE_LENGTH else f"{line[: _LINE_LENGTH - 1]}…"


def _reasons(stages: Iterable[StageResult]) -> str:
    rows = (
        f"| {stage.name.value.replace('_', ' ')} | {stage.outcome.value} "
        f"| {inline(redact(stage.reason), _REASON_LENGTH)} |"
        for stage in stages
    )
    return "\n".join(("| Check | Result | Reason |", "|---|---|---|", *rows))


def _whole(texts: Iterable[tuple[str, str]]) -> str:
    shown = [(name, text) for name, text in texts if text]
    lines: list[str] = []
    length = 0
    for number, (name, text) in enumerate(shown):
        line = f"- {name}: {inline(redact(text), _TEXT_LENGTH)}"
        if (length := length + len(line) + 1) > _TEXTS_LENGTH:
            lines.append(f"- and {len(shown) - number} more")
            break
        lines.append(line)
    return "\n".join(lines)
