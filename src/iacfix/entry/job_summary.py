"""What became of the findings as Markdown, for the summary of a job. The records come from a file: hostile as any."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from iacfix.domain.outcome import NEEDS_NOBODY, Status
from iacfix.domain.secrets import redact
from iacfix.pull_requests.markdown import code, fence, inline, link

Record = Mapping[str, object]

# GitHub takes a summary of 1 MiB from a step, and shows none that is longer.
MAX_BYTES = 900_000
_TEXT_LENGTH = 300
_MOST_ROWS = 500
_ORDER = {status.value: index for index, status in enumerate(Status)}


def job_summary(records: Sequence[Record], title: str) -> str:
    """A table of all, then the diffs of the proposals, as far as there is room."""
    head = "\n".join([f"### {_said(title)}", "", *_counts(records), "", *_table(records)])
    parts, size = [head], len(head.encode())
    diffs = [record for record in records if text_of(record, "diff")]
    for number, record in enumerate(diffs):
        part = _diff(record)
        size += len(part.encode()) + 2
        if size > MAX_BYTES:
            parts.append(f"{len(diffs) - number} more diffs are in the proposals file: there is no room for them here.")
            break
        parts.append(part)
    return "\n\n".join(parts) + "\n"


def counted(records: Sequence[Record]) -> tuple[int, int]:
    """How many are proposed, and how many need a person."""
    statuses = [text_of(record, "status") for record in records]
    return statuses.count(Status.PROPOSED.value), sum(each not in set(NEEDS_NOBODY) for each in statuses)


def pull_request_of(record: Record) -> Record:
    found = record.get("pull_request")
    return found if isinstance(found, dict) else {}


def text_of(record: Record, key: str) -> str:
    found = record.get(key)
    return found if isinstance(found, str) else ""


def _counts(records: Sequence[Record]) -> Iterator[str]:
    counts = Counter(text_of(record, "status") for record in records)
    if not records:
        yield "No findings."
    for status in sorted(counts, key=lambda status: (_ORDER.get(status, len(_ORDER)), status)):
        yield f"- {counts[status]} {_said(status.replace('_', ' '))}"


def _table(records: Sequence[Record]) -> Iterator[str]:
    if not records:
        return
    yield "| Finding | Where | Result | Pull request or reason |"
    yield "|---|---|---|---|"
    for record in records[:_MOST_ROWS]:
        check = _said(text_of(record, "control") or text_of(record, "check_id"))
        resource = _code(text_of(record, "resource"))
        status = _said(text_of(record, "status").replace("_", " "))
        yield f"| {check} {resource} | {_where(record)} | {status} | {_what(record)} |"
    if (more := len(records) - _MOST_ROWS) > 0:
        yield f"\n{more} more are in the proposals file."


def _where(record: Record) -> str:
    line = record.get("start_line")
    path = text_of(record, "path")
    return _code(f"{path}:{line}" if isinstance(line, int) else path)


def _what(record: Record) -> str:
    request = pull_request_of(record)
    action = _said(text_of(request, "action").replace("_", " "))
    url = redact(text_of(request, "url"))
    said = _said(text_of(request, "reason") or text_of(record, "reason"))
    return ": ".join(filter(None, (" ".join(filter(None, (action, link(url, url) or _code(url)))), said)))


def _diff(record: Record) -> str:
    name = f"{text_of(record, 'control') or text_of(record, 'check_id')} {text_of(record, 'address')}"
    shown = fence(redact(text_of(record, "diff")), "diff")
    return f"<details><summary>{_said(name)}</summary>\n\n{shown}\n\n</details>"


def _code(text: str) -> str:
    """In a cell of a table: a bar ends the cell even within a code span."""
    return code(redact(text), _TEXT_LENGTH).replace("|", "\\|") if text else ""


def _said(text: str) -> str:
    return inline(redact(text), _TEXT_LENGTH)
