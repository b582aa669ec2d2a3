"""Several fixes in one pull request: its identity, its branch, and what it says."""

import hashlib
import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.marks import checked, facts_marker, marker, trailer
from iacfix.domain.outcome import Proposal
from iacfix.domain.secrets import redact
from iacfix.pull_requests.body import NOTHING_MORE, Notes
from iacfix.pull_requests.identity import finding_hash, finding_key
from iacfix.pull_requests.markdown import code, disarmed, fence, first_lines, inline

TITLE_LENGTH = 120
SHORT = 12  # characters of a key that a marker keeps of each finding
MAX_MEMBERS = 100
_SLUG_LENGTH = 60
_TEXT_LENGTH = 200
_SHORTER = (_TEXT_LENGTH, 80, 30)


class GroupBy(StrEnum):
    """What one pull request holds."""

    NONE = "none"
    FILE = "file"
    CONTROL = "control"
    OWNER = "owner"


class _Shown(Enum):
    """Of each finding, below what is said of all."""

    DIFF = auto()
    EVIDENCE = auto()
    NOTHING = auto()


_OF = {GroupBy.FILE: "in", GroupBy.CONTROL: "of", GroupBy.OWNER: "for", GroupBy.NONE: "of"}


@dataclass(frozen=True, slots=True)
class Member:
    """A finding of a group. `proposal` is None where another fix of the group mends it too, which `reason` says."""

    finding: Finding
    control: Control | None
    location: Location
    proposal: Proposal | None
    reason: str = ""

    @property
    def key(self) -> str:
        return finding_key(self.finding, self.location)


def group_key(by: GroupBy, name: str) -> str:
    """SHA-256 in hex of what is grouped, whatever is in it now and on whatever base: all along it is one."""
    return hashlib.sha256(json.dumps(["group", by.value, name]).encode("ascii")).hexdigest()


def group_branch(by: GroupBy, name: str) -> str:
    words = re.findall(r"[a-z0-9]+", name.lower())
    slug = "-".join([by.value, *words])[:_SLUG_LENGTH].rstrip("-")
    return f"iacfix/{slug}/{checked(group_key(by, name))[:SHORT]}"


def group_hash(members: Sequence[Member]) -> str:
    """What a person decided on who closed it: another finding in it is new."""
    hashes = sorted(finding_hash(member.finding) for member in members)
    return hashlib.sha256(json.dumps(hashes).encode("ascii")).hexdigest()


def group_facts(by: GroupBy, name: str, members: Sequence[Member]) -> Mapping[str, str]:
    return {
        "group": f"{by.value}:{name}"[:300],
        "members": ",".join(sorted(member.key[:SHORT] for member in members)),
        "finding": group_hash(members),
    }


def group_in(facts: Mapping[str, str]) -> tuple[GroupBy, str] | None:
    by, sign, name = facts.get("group", "").partition(":")
    return (GroupBy(by), name) if sign and by in set(GroupBy) else None


def group_title(by: GroupBy, name: str, members: Sequence[Member]) -> str:
    count = len(members)
    weaknesses = {_weakness(member) for member in members}
    what = next(iter(weaknesses)) if len(weaknesses) == 1 else f"{count} findings"
    shown = "" if by is GroupBy.CONTROL else f" {_OF[by]} {name}"
    more = f" ({count} times)" if len(weaknesses) == 1 and count > 1 else ""
    return disarmed(redact(f"{what}{shown}{more}"), TITLE_LENGTH)


def group_commit_message(by: GroupBy, name: str, members: Sequence[Member], content: str) -> str:
    """No text from outside begins a line, so none is a trailer."""
    lines = [
        f"- {_line(f'{_weakness(member)}: {member.location.address} ({member.finding.id})')}" for member in members
    ]
    wrapped = (textwrap.fill(line, 100, subsequent_indent="  ", break_on_hyphens=False) for line in lines)
    return (
        "\n\n".join((group_title(by, name, members), "\n".join(wrapped), trailer(group_key(by, name), content))) + "\n"
    )


def compose_group(  # noqa: PLR0913 - all that a body speaks of
    by: GroupBy,
    name: str,
    members: Sequence[Member],
    *,
    max_length: int,
    facts: Mapping[str, str],
    notes: Notes = NOTHING_MORE,
) -> str:
    """Markdown of at most `max_length` characters: what is in it first, then each finding's evidence, folded. Where it
    would be longer the diffs go first, then the evidence, then whole lines from the end; the marker stays. Raises
    ValueError where not even the marker fits.
    """
    first = "\n".join((marker(group_key(by, name)), facts_marker(facts)))
    if max_length < len(first):
        msg = f"a body of {max_length} characters cannot hold its marker of {len(first)}"
        raise ValueError(msg)
    whole = ""
    for limit in _SHORTER:
        draft = f"**{notes.draft_word}** {inline(notes.draft, 3 * limit)}." if notes.draft else ""
        head = "\n\n".join(filter(None, (first, draft, _summary(by, name, members, limit), _rejecting())))
        for shown in _Shown:
            details = (_details(member, limit, shown, fold=notes.fold) for member in members)
            whole = "\n\n".join(filter(None, (head, *details))) + "\n"
            if len(whole) <= max_length:
                return whole
    return first_lines(whole, max_length)


def _summary(by: GroupBy, name: str, members: Sequence[Member], limit: int) -> str:
    what = {GroupBy.FILE: "the file", GroupBy.CONTROL: "the control", GroupBy.OWNER: "the owner"}.get(by, "the group")
    count = f"{len(members)} finding{'' if len(members) == 1 else 's'}"
    rows = "\n".join(_row(member, limit) for member in members)
    return (
        f"Mends {count} of {what} {code(redact(name), limit)}.\n\n| Problem | Where | Finding |\n|---|---|---|\n{rows}"
    )


def _row(member: Member, limit: int) -> str:
    location, finding = member.location, member.finding
    where = f"{_cell(location.address, limit)} in {_cell(location.path, limit)}"
    said = f"{inline(redact(finding.id), limit)}, {finding.severity.value}, {inline(finding.source, limit)}"
    return f"| {inline(_weakness(member), limit)} | {where} | {said} |"


def _cell(text: str, limit: int) -> str:
    """A code span within a table: a bar ends the cell even there."""
    return code(redact(text).replace("|", "¦"), limit)


def _details(member: Member, limit: int, shown: _Shown, *, fold: bool) -> str:
    if shown is _Shown.NOTHING:
        return ""
    name = f"{inline(_weakness(member), limit)}: {inline(redact(member.location.address), limit)}"
    said = inline(redact(member.reason), limit)
    if member.proposal is not None:
        said = _evidence(member, member.proposal, limit, diff=shown is _Shown.DIFF)
    return f"<details><summary>{name}</summary>\n\n{said}\n\n</details>" if fold else f"#### {name}\n\n{said}"


def _evidence(member: Member, proposal: Proposal, limit: int, *, diff: bool) -> str:
    candidate, verdict, control = proposal.candidate, proposal.verdict, member.control
    said = inline(redact(candidate.explanation), limit) or "no explanation was given."
    if not candidate.generator.startswith("recipe:"):
        said = f"in its author's words, which nobody has checked: “{said}”"
    stages = "\n".join(
        f"| {stage.name.value.replace('_', ' ')} | {stage.outcome.value} | {inline(redact(stage.reason), limit)} |"
        for stage in verdict.stages
    )
    parts = (
        inline(control.why, 3 * limit) if control else "",
        f"Change: {said}",
        *(
            f"It rests on this, which nobody has checked: “{inline(redact(each), limit)}”"
            for each in candidate.assumptions
        ),
        f"When applied: {inline(control.effect, limit)}" if control and control.effect else "",
        f"Written by: {code(redact(candidate.generator), limit)}",
        f"| Check | Result | Reason |\n|---|---|---|\n{stages}",
        fence(redact(verdict.diff), "diff") if diff else "",
    )
    return "\n\n".join(filter(None, parts))


def _rejecting() -> str:
    return (
        "Each fix was judged on top of those above it. To reject them, close this pull request; to accept a risk, "
        "suppress its finding where it was reported, or it will be reported again."
    )


def _weakness(member: Member) -> str:
    if member.control is not None:
        return member.control.title
    return redact(member.finding.title) or member.finding.check_id or member.finding.source


def _line(text: str) -> str:
    return disarmed(redact(text), _TEXT_LENGTH)
