"""How much of what tools report the catalogue has a control for: of all their checks, or of one report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from iacfix.controls import Catalogue
from iacfix.controls.checks import OTHER
from iacfix.controls.names import canonical
from iacfix.domain.control import Control
from iacfix.domain.finding import FindingRead, InvalidFinding
from iacfix.workflows.fix import identify, unsupported


@dataclass(frozen=True, slots=True)
class Share:
    """Of `checks` that a tool has for a service, `with_control` have a control."""

    tool: str
    service: str
    with_control: int
    checks: int


class Standing(StrEnum):
    """What the catalogue makes of a check: a recipe, a control that says why there is none, or nothing."""

    KNOWN = "known"
    DECLINED = "declined"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a report for one type of resource, and how many findings it made."""

    tool: str
    check_id: str
    resource_type: str
    title: str
    findings: int
    standing: Standing
    control: str
    reason: str


def shares(catalogue: Catalogue, known: Mapping[str, Mapping[str, Iterable[str]]]) -> tuple[Share, ...]:
    """By tool and service. Names that only the catalogue has count as checks, of the control's service."""
    return tuple(
        Share(tool, service, sum(bool(catalogue.claimed(tool, check)) for check in checks), len(checks))
        for tool, services in known.items()
        for service, checks in sorted(_completed(catalogue, tool, services).items())
    )


def _completed(catalogue: Catalogue, tool: str, services: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    listed = {service: list(checks) for service, checks in services.items()}
    seen = {canonical(tool, check) for checks in listed.values() for check in checks}
    for control in catalogue:
        for name in control.names.get(tool, ()):
            if (key := canonical(tool, name)) not in seen:
                seen.add(key)
                listed.setdefault(control.service or OTHER, []).append(name)
    return listed


def of_report(reads: Iterable[FindingRead], catalogue: Catalogue) -> tuple[Check, ...]:
    """Each check of the report once for each resource type; entries that are no findings are left out."""
    found: dict[tuple[str, str, str], Check] = {}
    counted: dict[tuple[str, str, str], int] = {}
    for read in reads:
        if isinstance(read, InvalidFinding):
            continue
        key = (read.source, read.check_id, read.resource.type)
        counted[key] = counted.get(key, 0) + 1
        if key not in found:
            _, control = identify(read, catalogue)
            standing, reason = (
                (Standing.UNSUPPORTED, unsupported(read, catalogue)) if control is None else standing_of(control)
            )
            found[key] = Check(*key, read.title, 0, standing, control.id if control else "", reason)
    return tuple(replace(each, findings=counted[key]) for key, each in sorted(found.items()))


def standing_of(control: Control) -> tuple[Standing, str]:
    """A control without a recipe in any language says in its first variant why a person has to do it."""
    if any(fix.has_recipe for fix in control.fixes):
        return Standing.KNOWN, ""
    reasons = (variant.decline for fix in control.fixes for variant in fix.variants if variant.decline)
    return Standing.DECLINED, next(reasons, "")
