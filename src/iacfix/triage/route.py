"""Which way a finding goes: code, the live resource, both, or a person. By a table, else by the catalogue."""

from dataclasses import dataclass

from iacfix.controls import Catalogue
from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.domain.triage import Reason, Route, RouteKind
from iacfix.triage.tags import like

TABLE = "route table"
CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True)
class RouteRule:
    """For findings whose control or check is like `control`, and whose resource is of a type like `type`. `reason` is
    the owner's own, or "".
    """

    kind: RouteKind
    control: str = "*"
    type: str = "*"
    reason: str = ""

    def fits(self, finding: Finding) -> bool:
        names = (finding.control, finding.check_id)
        return any(like(self.control, name) for name in names) and like(self.type, finding.resource.type)


@dataclass(frozen=True, slots=True)
class Router:
    """The first rule of the table that fits counts. `model`: a model may write fixes that no recipe knows."""

    catalogue: Catalogue
    table: tuple[RouteRule, ...] = ()
    model: bool = False

    def route(self, finding: Finding, control: Control | None) -> Route:
        for rule in self.table:
            if rule.fits(finding):
                said = f"findings of {rule.control} on {rule.type} go to {rule.kind}"
                return Route(rule.kind, (Reason(TABLE, f"{said}: {rule.reason}" if rule.reason else said),))
        kind, said = self._by_catalogue(finding, control)
        return Route(kind, (Reason(CATALOGUE, said),))

    def _by_catalogue(self, finding: Finding, control: Control | None) -> tuple[RouteKind, str]:
        if beyond := self.catalogue.beyond_code(finding.source, finding.check_id):
            return RouteKind.HUMAN, f"no code could change it: {beyond}"
        if control is None:
            if self.model:
                return RouteKind.IAC, f"no control knows {finding.check_id}, and a model may write the fix"
            return RouteKind.HUMAN, f"no control knows {finding.check_id}, and no model is configured"
        languages = [
            name
            for name, fix in (("Terraform", control.terraform), ("CloudFormation", control.cloudformation))
            if fix is not None and fix.has_recipe
        ]
        if languages:
            return RouteKind.IAC, f"{control.id} has a recipe for {' and '.join(languages)}"
        if self.model:
            return RouteKind.IAC, f"{control.id} has no recipe, and a model may write the fix"
        return RouteKind.HUMAN, f"{control.id} has no recipe: a person plans the change"


def to_a_person(route: Route) -> Route:
    """For what may not be acted on, with what would have been its way."""
    if route.kind is RouteKind.HUMAN:
        return route
    would = Reason("route", f"it would go to {route.kind} if nothing stood in the way")
    return Route(RouteKind.HUMAN, (*route.reasons, would))
