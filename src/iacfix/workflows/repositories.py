"""One repository or several: which of them a finding belongs to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from iacfix.controls import Catalogue
from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.domain.location import FixAt
from iacfix.domain.outcome import Outcome, Status
from iacfix.locators.locate import Sources, States
from iacfix.locators.repository import Repository
from iacfix.locators.scopes import Scope, choose
from iacfix.locators.terraform_state import knows
from iacfix.workflows.desk import Desk
from iacfix.workflows.exceptions import AcceptedRisks
from iacfix.workflows.fix import Fixer, identify, invalid


@dataclass(frozen=True)
class Workplace:
    """A repository, what is known beside its code, and how it wants modules to be fixed. `name` is shown."""

    name: str
    repository: Repository = field(repr=False)
    sources: Sources = field(default_factory=Sources)
    modules: FixAt = FixAt.CALL


@dataclass(frozen=True)
class Workplaces:
    """`by_name` opens a repository when it is first needed; `states` are those of a scope's state buckets."""

    scopes: Sequence[Scope]
    by_name: Callable[[str], Workplace]
    states: Callable[[Scope], States] = field(default=lambda _: States())

    def of(self, finding: Finding) -> Workplace | str:
        """Or in words why there is none."""
        chosen = self._chosen(finding)
        return chosen if isinstance(chosen, str) else self.by_name(chosen.name)

    def named(self, finding: Finding) -> str:
        """The name alone, without opening the repository; "" where there is none."""
        chosen = self._chosen(finding)
        return "" if isinstance(chosen, str) else chosen.name

    def _chosen(self, finding: Finding) -> Scope | str:
        return choose(finding, self.scopes, lambda scope: knows(finding, self.states(scope).files))


@dataclass(frozen=True)
class Fixers:
    """A fixer for each repository, each made when it is first needed. Who works with several at once sits at `desk`.
    `shared` are the risks that the whole organization accepts.
    """

    catalogue: Catalogue
    places: Workplaces
    make: Callable[[Workplace], Fixer]
    desk: Desk = field(default_factory=Desk, repr=False)
    shared: AcceptedRisks = field(default_factory=AcceptedRisks, repr=False)
    _made: dict[str, Fixer] = field(default_factory=dict, repr=False)

    def of(self, finding: Finding) -> tuple[Fixer, str] | str:
        """With the repository's name; or in words why there is none."""
        place = self.places.of(finding)
        return place if isinstance(place, str) else (self._of(place), place.name)

    def at(self, name: str) -> Fixer:
        """Of a repository by its name."""
        return self._of(self.places.by_name(name))

    def _of(self, place: Workplace) -> Fixer:
        if place.name not in self._made:
            self._made[place.name] = self.make(place)
        return self._made[place.name]

    def ended(self, outcome: Outcome) -> date | None:
        """The last day of an exception for the finding that is over."""
        fixer = self._made.get(outcome.repository)
        if fixer is None or outcome.location is None or isinstance(outcome.finding, InvalidFinding):
            return None
        return fixer.accepted.ended(outcome.finding, outcome.location)

    def lane(self, read: FindingRead) -> str:
        """Findings of one lane have to be worked on one after the other: those of one repository."""
        place = self.places.of(read) if isinstance(read, Finding) else ""
        return place if isinstance(place, str) else place.name

    def fix(self, read: FindingRead) -> Outcome:
        """Raises nothing for one finding that would cost another its turn: see Fixer.fix."""
        if isinstance(read, InvalidFinding):
            return invalid(read)
        found = self.of(read)
        if isinstance(found, str):
            return Outcome(identify(read, self.catalogue)[0], Status.NOT_LOCATED, found)
        fixer, name = found
        return replace(fixer.fix(read), repository=name)


def only(workplace: Workplace) -> Workplaces:
    """Every finding belongs to it."""
    return Workplaces((Scope(workplace.name),), lambda _: workplace)
