"""What the state machine of remediation calls: `{"iacfix": {"remediation": STEP}, "request": …}`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from iacfix.controls import load_catalogue
from iacfix.domain.errors import InputError
from iacfix.domain.finding import CloudResource, Finding, Hint, Severity
from iacfix.domain.triage import Mode
from iacfix.entry.event_parts import event_work
from iacfix.entry.remediation import machine_from, stores_at
from iacfix.runtime.guards import Owned, Source
from iacfix.workflows.machine import Machine, Request, Said

if TYPE_CHECKING:
    from collections.abc import Callable

Event = Mapping[str, object]
_POLICY = "it was let through by who started the state machine"


def step_of(event: Event) -> str:
    """Which step is asked for, "" where the event is another."""
    asked = event.get("iacfix")
    return str(asked.get("remediation") or "") if isinstance(asked, Mapping) else ""


def machine_of(environ: Mapping[str, str]) -> Machine:
    """`IACFIX_CONFIG` names the configuration, `IACFIX_LEDGER` the ledger, and Lambda the region. Raises
    ConfigurationError.
    """
    work = event_work(environ)
    settings = work.settings
    stores = stores_at(settings.ledger)
    region = environ.get("AWS_REGION", "")
    return machine_from(settings, load_catalogue(settings.controls), stores, policy=_POLICY, region=region)


def answer(event: Event, machine: Machine) -> Said:
    """Raises InputError for an event that is none."""
    request = request_of(event.get("request"))
    steps: Mapping[str, Callable[[], Said]] = {
        "ask": lambda: machine.ask(request),
        "begin": lambda: machine.begin(request),
        "over": lambda: machine.over(
            request, _text(event, "execution"), _text(event, "status"), _text(event, "reason")
        ),
        "verify": lambda: machine.verify(request),
        "person": lambda: machine.person(request, _text(event, "error")),
    }
    step = step_of(event)
    if step not in steps:
        raise InputError(f"{step!a} is no step of a remediation", remedy=f"there are {', '.join(steps)}")
    return steps[step]()


def request_of(told: object) -> Request:
    """Raises InputError."""
    if not isinstance(told, Mapping) or not isinstance(told.get("finding"), Mapping):
        raise InputError("the request has no finding")
    finding = cast("Mapping[str, object]", told["finding"])
    resource = finding.get("resource")
    if not isinstance(resource, Mapping):
        raise InputError("the finding has no resource")
    tags = resource.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(each, list) and len(each) == len("kv") for each in tags):
        raise InputError("the tags of the resource are no pairs")
    try:
        read = Finding(
            source=_text(finding, "source"),
            id=_text(finding, "id"),
            check_id=_text(finding, "check_id"),
            title=_text(finding, "title"),
            control=_text(finding, "control"),
            severity=Severity(_text(finding, "severity") or Severity.UNKNOWN),
            url=_text(finding, "url"),
            observed_at=_text(finding, "observed_at"),
            hint=Hint(),
            resource=CloudResource(
                type=_text(resource, "type"),
                identifier=_text(resource, "identifier"),
                name=_text(resource, "name"),
                account=_text(resource, "account"),
                region=_text(resource, "region"),
                tags=tuple((str(key), str(value)) for key, value in tags),
            ),
        )
        source = Source(Owned(_text(told, "owned") or Owned.UNKNOWN), _text(told, "where"))
        return Request(read, source, Mode(_text(told, "mode") or Mode.OBSERVE), _text(told, "repository"))
    except ValueError as error:
        raise InputError(f"the request cannot be read: {error}") from None


def _text(node: Mapping[str, object], name: str) -> str:
    value = node.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{name} is no text")
    return value
