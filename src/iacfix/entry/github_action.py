"""What the steps of action.yml cannot well do in shell: read the event, write the outputs and the job's summary.

`iacfix github-action` is for action.yml alone, which is why no help shows it.
"""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import click

from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.entry.cli.wiring import read_file
from iacfix.entry.job_summary import Record, counted, job_summary, pull_request_of, text_of
from iacfix.findings import read_findings

_MOST_BYTES = 64 * 1024 * 1024
_PAYLOAD_KEYS = ("findings", "finding")


@click.group("github-action", hidden=True)
def github_action() -> None:
    """The steps of the GitHub Action."""


@github_action.command("findings")
@click.option("--given", default="", help="The input `findings`.")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), required=True)
def findings(given: str, to: Path) -> None:
    """Writes the findings of the event, or those of the file that is given, and the output `findings`."""
    if given:
        data, said = read_file(given), "the input `findings`"
    else:
        data, said = payload(_environment("GITHUB_EVENT_NAME"), read_file(_environment("GITHUB_EVENT_PATH"))), "event"
    read = read_findings(data, format="auto")  # what is no report is said here, and not in the middle of the work
    _write(to, data)
    _outputs({"findings": str(to)})
    click.echo(f"{len(read)} findings from {said}")


@github_action.command("report")
@click.option("--records", required=True, metavar="FILE", help="What `generate` or `open-pr` printed as JSON.")
@click.option("--title", required=True)
def report(records: str, title: str) -> None:
    """Writes the outputs and the job's summary."""
    found = records_of(read_file(records))
    proposed, persons = counted(found)
    urls = dict.fromkeys(url for each in found if (url := text_of(pull_request_of(each), "url")))
    _outputs({"proposed": str(proposed), "needs-a-person": str(persons), "pull-requests": json.dumps([*urls])})
    _append("GITHUB_STEP_SUMMARY", job_summary(found, title))


def payload(event: str, data: bytes) -> bytes:
    """The findings in a `repository_dispatch`. GitHub takes ten keys in a payload at most, and a finding has more, so
    that one may stand under `finding`, several under `findings`; an event of EventBridge fits as it is.

    Raises InputError for any other event: it carries none.
    """
    if event != "repository_dispatch":
        raise InputError(f"the event {event!r} carries no findings", remedy="give the input `findings` a report's path")
    loaded = _loaded(data, "the event file")
    found = loaded.get("client_payload") if isinstance(loaded, dict) else None
    if not found:
        raise InputError("the event has no client_payload", remedy="send the finding as client_payload.finding")
    inner = next((found[key] for key in _PAYLOAD_KEYS if key in found), found) if isinstance(found, dict) else found
    return json.dumps(inner).encode()


def records_of(data: bytes) -> tuple[Record, ...]:
    """One JSON object a line. Raises InputError."""
    if len(data) > _MOST_BYTES:
        raise InputError(f"the records have more than {_MOST_BYTES:,} bytes", remedy="generate fewer at once")
    found = [_loaded(line, f"record {number}") for number, line in enumerate(data.splitlines(), 1) if line.strip()]
    return tuple(each for each in found if isinstance(each, dict))


def _loaded(data: bytes, what: str) -> object:
    try:
        loaded: object = json.loads(data)
    except (ValueError, RecursionError):
        raise InputError(f"{what} is no JSON", remedy="give it as it was written") from None
    return loaded


def _outputs(values: Mapping[str, str]) -> None:
    """Between delimiters that nobody can foresee: no value can begin an output of its own."""
    lines: list[str] = []
    for name, value in values.items():
        end = f"end_{secrets.token_hex(16)}"
        lines += [f"{name}<<{end}", value, end]
    _append("GITHUB_OUTPUT", "\n".join(lines) + "\n")


def _append(variable: str, text: str) -> None:
    path = _environment(variable)
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}", remedy=f"look at {variable}") from None


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}", remedy="look at RUNNER_TEMP") from None


def _environment(name: str) -> str:
    if value := os.environ.get(name, ""):
        return value
    raise ConfigurationError(f"{name} is not set", remedy="this runs in a step of GitHub Actions alone")
