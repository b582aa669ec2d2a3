"""From the configuration to what decides of findings."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from iacfix.adapters.policy.embedded import policy_of, shipped_policy
from iacfix.adapters.policy.opa import OpaPolicy
from iacfix.config import TriageSettings
from iacfix.config.stores import Table
from iacfix.config.triage import FreezeSettings, WindowSettings
from iacfix.controls import Catalogue
from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.domain.finding import Finding
from iacfix.domain.triage import Action, Mode, RouteKind
from iacfix.entry.stores import rows_at
from iacfix.ports.policy import Policy
from iacfix.triage.actions import ActionLimits, Limit
from iacfix.triage.automation_rules import AutomationRules
from iacfix.triage.automation_rules_file import MAX_BYTES as MAX_RULES_BYTES
from iacfix.triage.automation_rules_file import read_rules
from iacfix.triage.blast_radius import BlastRadius
from iacfix.triage.exclusions import Exclusions
from iacfix.triage.facts import Environments
from iacfix.triage.modes import ModeRule, Modes
from iacfix.triage.ownership import Ownership
from iacfix.triage.ownership_file import MAX_BYTES, read_ownership
from iacfix.triage.ownership_rows import PREFIX as OWNERS
from iacfix.triage.ownership_rows import ownership_of
from iacfix.triage.review import Reviewer
from iacfix.triage.route import Router, RouteRule
from iacfix.triage.tags import TagCondition, mark
from iacfix.triage.windows import DAYS, Calendar, Freeze, Window
from iacfix.workflows.clock import utc_now
from iacfix.workflows.exceptions import AcceptedRisks, shared_risks
from iacfix.workflows.triage import Assumed, Gates, Triage


def triage_from(  # noqa: PLR0913 - all that decides
    settings: TriageSettings,
    catalogue: Catalogue,
    *,
    model: bool,
    accepted: Callable[[Finding], AcceptedRisks],
    now: Callable[[], datetime] = utc_now,
    review: Reviewer | None = None,
) -> Triage:
    """`model`: one may write fixes. Raises ConfigurationError, also for a policy that cannot be used."""
    limits = settings.limits
    routes = tuple(RouteRule(RouteKind(each.route), each.control, each.type, each.reason) for each in settings.routes)
    return Triage(
        catalogue,
        ownership_from(settings),
        policy_from(settings),
        Router(catalogue, routes, model),
        now,
        Gates(
            exclusions=Exclusions() if settings.exclude_tags is None else Exclusions(_marks(settings.exclude_tags)),
            actions=ActionLimits({Action(key): Limit(value) for key, value in settings.actions.items()}),
            modes=Modes(
                Mode(settings.mode), tuple(ModeRule(control, Mode(mode)) for control, mode in settings.modes.items())
            ),
            calendar=calendar_from(settings),
            blast_radius=BlastRadius(limits.get("run"), limits.get("hour"), limits.get("control")),
        ),
        Environments(settings.environment_tags, settings.environments),
        Assumed(settings.assume_account, settings.assume_tags),
        settings.resource_types,
        accepted,
        rules=AutomationRules() if settings.automation_rules is None else rules_from(settings.automation_rules),
        review=review,
    )


def rules_from(path: Path) -> AutomationRules:
    """Raises ConfigurationError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_RULES_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}", remedy="correct `triage.automation_rules`"
        ) from None
    return read_rules(data, str(path))


def ownership_from(settings: TriageSettings) -> Ownership:
    """Raises ConfigurationError, TableError."""
    where = settings.owners
    if isinstance(where, Table):
        return ownership_of(rows_at(where).read(OWNERS), str(where))
    return read_ownership(_read(where), str(where))


def shared_risks_from(settings: TriageSettings | None) -> AcceptedRisks:
    """What the whole organization accepts, as its table says now; nothing where no table is configured."""
    if settings is None or settings.exceptions is None:
        return AcceptedRisks()
    return shared_risks(rows_at(settings.exceptions), most_days=settings.exception_days)


def policy_from(settings: TriageSettings) -> Policy:
    """Raises ConfigurationError, so that a run that could only deny says so before it begins."""
    if settings.opa is not None:
        if settings.policy is not None:
            raise ConfigurationError("triage has both a policy and an OPA server", remedy="keep one of them")
        return OpaPolicy(settings.opa.url, token=settings.opa.token, timeout=settings.opa.timeout)
    policy = shipped_policy() if settings.policy is None else policy_of(settings.policy)
    if policy.fault:
        raise ConfigurationError(f"the policy cannot be used: {policy.fault}")
    return policy


def calendar_from(settings: TriageSettings) -> Calendar:
    """Raises ConfigurationError naming the window or freeze."""
    return Calendar(tuple(map(_window, settings.windows)), tuple(map(_freeze, settings.freezes)))


def _window(setting: WindowSettings) -> Window:
    place = f"triage.windows: {setting.name}"
    return Window(
        setting.name,
        _zone(setting.zone, place),
        _time(setting.start, f"{place}.from"),
        _time(setting.end, f"{place}.to"),
        frozenset(setting.days or DAYS),
    )


def _freeze(setting: FreezeSettings) -> Freeze:
    place = f"triage.freezes: {setting.name}"
    start, end = _moment(setting.start, f"{place}.from"), _moment(setting.end, f"{place}.to", is_end=True)
    if end <= start:
        raise ConfigurationError(f"{place}: it ends before it begins", remedy="correct `from` or `to`")
    return Freeze(setting.name, _zone(setting.zone, place), start, end)


def _zone(name: str, place: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"{place}.zone: {name!r} is no time zone",
            remedy="give one like Europe/Berlin; where none is known, install tzdata",
        ) from None


def _time(text: str, place: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").replace(tzinfo=UTC).time()
    except ValueError:
        raise ConfigurationError(f"{place}: {text!r} is no time", remedy='write it like "22:00", in quotes') from None


def _moment(text: str, place: str, *, is_end: bool = False) -> datetime:
    """In wall-clock time. A day that ends a freeze is frozen to its end."""
    for form, more in (("%Y-%m-%d", timedelta(days=1)), ("%Y-%m-%dT%H:%M", timedelta())):
        try:
            return datetime.strptime(text, form) + (more if is_end else timedelta())  # noqa: DTZ007 - the zone stands beside it
        except (ValueError, OverflowError):
            continue
    raise ConfigurationError(
        f"{place}: {text!r} is no day", remedy='write "2026-12-24" or "2026-12-24T18:00", in quotes'
    )


def _marks(texts: tuple[str, ...]) -> tuple[TagCondition, ...]:
    try:
        return tuple(map(mark, texts))
    except InputError as error:
        raise ConfigurationError(f"triage.exclude_tags: {error.what}", remedy=error.remedy) from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", remedy="correct `triage.owners`") from None
