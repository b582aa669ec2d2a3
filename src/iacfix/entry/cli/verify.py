"""`iacfix verify`: what live resources are like, by AWS's own word."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

import click

from iacfix import __version__
from iacfix.controls import Catalogue
from iacfix.domain.errors import InputError
from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.verification import Result, Verification
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.settling import settling_from
from iacfix.entry.stores import ledger_at
from iacfix.entry.verifying import verifier_from
from iacfix.ledger.identity import ledger_key
from iacfix.verification.look import remaining
from iacfix.workflows.clock import utc_now
from iacfix.workflows.close import Closing
from iacfix.workflows.fix import identify
from iacfix.workflows.settle import Looked, Settling
from iacfix.workflows.verify import VerificationRecorder, Verifier, evidence_digest

_STYLES = {
    Result.RESOLVED: "green",
    Result.RESOURCE_GONE: "cyan",
    Result.STILL_OPEN: "red",
    Result.ERROR: "yellow",
}
_AGAIN = (State.VERIFYING, State.FIXED, State.STILL_OPEN, State.VERIFICATION_FAILED)
_NEEDS_NOBODY = frozenset({Result.RESOLVED, Result.RESOURCE_GONE})


@click.command()
@click.argument("finding", metavar="[FINDING|-]", required=False)
@click.option(
    "--standing",
    type=click.Choice([each.value for each in _AGAIN]),
    help="Look at every finding of the ledger that stands there: verifying, or fixed and to stay so.",
)
@click.option("--control", help="A control's id or a tool's name of it, in the place of a finding.")
@click.option("--resource", metavar="ARN", help="What to look at: an ARN, or a name with --account and --region.")
@click.option("--account", default="", help="The resource's account, where its ARN does not say.")
@click.option("--region", default="", help="The resource's region, where its ARN does not say.")
@click.option("--wait", type=float, help="Seconds before the first look, 30 to 1800.  [default: `verification.wait`]")
@click.option("--now", "at_once", is_flag=True, help="Look at once: it is long enough since the change.")
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep what AWS answered in DIR, as <verification id>.json.",
)
@click.option(
    "--close",
    is_flag=True,
    help="Tell what was seen: close it in Security Hub or Wiz, on its pull request, and to its owner. Needs a ledger.",
)
@options.git_host
@options.input_format
@options.ledger
@options.output("text", "json")
@options.config
def verify(  # noqa: PLR0913 - each is an option
    *,
    finding: str | None,
    standing: str | None,
    control: str | None,
    resource: str | None,
    account: str,
    region: str,
    wait: float | None,
    at_once: bool,
    evidence: Path | None,
    close: bool,
    git_host: str | None,
    input_format: str,
    ledger: str | None,
    output: str,
    config: Path | None,
) -> None:
    """Look at the live resource of each finding in a file: resolved, still open, gone, or not to be seen."""
    if sum(each is not None for each in (finding, resource, standing)) != 1 or (resource is None) != (control is None):
        raise click.UsageError("give a file of findings, or --control and --resource, or --standing")
    if at_once and wait is not None:
        raise click.UsageError("--now does not wait, so that --wait says nothing")
    settings = wiring.settings_from(config)
    catalogue = wiring.catalogue_from(settings)
    verifier = verifier_from(settings.verification, catalogue, wait=0 if at_once else wait)
    address = settings.ledger if ledger is None else ledger
    if (close or standing is not None) and not address:
        raise click.UsageError("--close and --standing need the ledger that knows the findings")
    recorder = VerificationRecorder(ledger_at(address), f"iacfix/{__version__}") if address else None
    settling = settling_from(settings, recorder.store, git_host) if close and recorder is not None else None
    looking = _Looking(verifier, recorder, settling)
    start = utc_now()
    if standing is not None and recorder is not None:
        reads = tuple(_of_ledger(each, catalogue) for each in tuple(recorder.store.in_states({State(standing)})))
    elif finding is not None:
        reads = tuple((each, start) for each in wiring.findings_from(finding, input_format))
    else:
        reads = ((_asked(catalogue, control or "", resource or "", account, region), start),)
    looking.announce(min((since for _, since in reads), default=start), start)
    done = True
    for read, since in reads:
        if isinstance(read, InvalidFinding):
            done = False
            click.echo(f"entry {read.position + 1}: {safe(read.field)}: {safe(read.reason)}", err=True)
            continue
        seen, entry = looking.at(read if read.control else identify(read, catalogue)[0], since)
        done &= seen.result in _NEEDS_NOBODY
        if evidence is not None:
            _keep(evidence, seen)
        click.echo(json.dumps(record(seen, entry)) if output == "json" else "\n".join(_told(seen, entry)))
    done &= looking.settled()
    sys.exit(Exit.DONE if done else Exit.NEEDS_A_PERSON)


def _of_ledger(entry: LedgerEntry, catalogue: Catalogue) -> tuple[FindingRead, datetime]:
    """As the ledger knows it. What it is known by there may be a tool's check, of which no control is known."""
    control = entry.control if catalogue.get(entry.control) is not None else ""
    resource = CloudResource("", entry.resource, account=entry.account, region=entry.region)
    finding = Finding("iacfix", entry.key, entry.control, entry.control, resource, control)
    if ledger_key(finding) != entry.key:
        reason = f"{entry.resource} is known by its code, and not by the resource in an account"
        return InvalidFinding("ledger", 0, "resource", reason, entry.key), utc_now()
    return finding, datetime.fromisoformat(entry.changed_at)


@dataclass(frozen=True)
class _Looking:
    """One run over findings. What is told beside the results goes to stderr: stdout has what was seen."""

    verifier: Verifier
    recorder: VerificationRecorder | None
    settling: Settling | None
    looked: list[Looked] = field(default_factory=list)

    def announce(self, since: datetime, now: datetime) -> None:
        if left := remaining(since, self.verifier.wait, now):
            click.echo(f"the first look is in {left:.0f} seconds", err=True)

    def at(self, finding: Finding, since: datetime) -> tuple[Verification, LedgerEntry | None]:
        """What was seen, and what the ledger says then."""
        if self.settling is not None and (why := self.settling.catch_up(ledger_key(finding))):
            click.echo(f"whether its pull request is merged is not known: {safe(why)}", err=True)
        seen = self.verifier.verify(finding, since=since)
        if self.recorder is None:
            return seen, None
        entry = self.recorder.record(finding, seen)
        if entry is None:
            unknown = safe(finding.resource.identifier)
            click.echo(f"the ledger does not know {unknown}; the look is in its record", err=True)
        elif self.settling is not None:  # who is told of it needs no evidence, and of a whole ledger it is much
            self.looked.append(Looked(finding, entry, replace(seen, evidence="{}")))
        return seen, entry

    def settled(self) -> bool:
        """Whether everybody who is to be told could be."""
        failed = False
        for each in self.settling.settle(self.looked) if self.settling is not None else ():
            failed |= each.closing is Closing.FAILED
            click.echo(f"{each.closing.value}  {safe(each.source or each.key[:12])}: {safe(each.reason)}", err=True)
        return not failed


def _asked(catalogue: Catalogue, name: str, identifier: str, account: str, region: str) -> Finding:
    """What a person asks for by hand. Raises InputError for a name that means no control, or several."""
    known = catalogue.matching([name])
    if len(known) != 1:
        raise InputError(f"{safe(name)} names {len(known)} controls", remedy="see `iacfix controls list`")
    control = known[0]
    resource = _resource(identifier, control.resource_types, account, region)
    return Finding("iacfix", f"{control.id}:{identifier}", control.id, control.title, resource, control.id)


def _resource(identifier: str, types: tuple[str, ...], account: str, region: str) -> CloudResource:
    """An ARN says where it is; whoever types it need not say it again."""
    parts = identifier.split(":") if identifier.startswith("arn:") else []
    of_region, of_account = (parts[3], parts[4]) if len(parts) > _ACCOUNT else ("", "")
    kind = types[0] if len(types) == 1 else ""
    return CloudResource(kind, identifier, account=account or of_account, region=region or of_region)


_ACCOUNT = 4


def _keep(folder: Path, seen: Verification) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{seen.id}.json").write_text(seen.evidence, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"evidence cannot be kept in {folder}: {error.strerror}", remedy="give another folder"
        ) from None


def record(seen: Verification, entry: LedgerEntry | None) -> dict[str, object]:
    """For machines. Evidence is free of credentials already."""
    told: dict[str, object] = {**asdict(seen), "result": seen.result.value}
    told["evidence"] = json.loads(seen.evidence)
    told["evidence_sha256"] = evidence_digest(seen)
    return told | ({"state": entry.state.value} if entry is not None else {})


def _told(seen: Verification, entry: LedgerEntry | None) -> Iterator[str]:
    result = click.style(seen.result.value.replace("_", " "), fg=_STYLES[seen.result])
    yield f"{result}  {safe(seen.control)}  {safe(seen.resource)}"
    yield f"  {safe(seen.seen)}"
    state = f", the ledger says {entry.state.value}" if entry is not None else ""
    yield f"  {safe(seen.check or 'no check')}, {seen.calls} calls, {seen.id}{state}"
