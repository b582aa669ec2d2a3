"""Whose a resource is: by its tags, else its account, else the account's organizational unit, else the default's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from iacfix.domain.finding import CloudResource
from iacfix.domain.triage import OwnedBy, Owner, Reason
from iacfix.triage.tags import Answer, TagCondition, indexed


@dataclass(frozen=True, slots=True)
class TagRule:
    name: str
    conditions: tuple[TagCondition, ...]
    team: str
    contact: str = ""

    @property
    def specificity(self) -> tuple[int, int, int]:
        """More conditions, then more of them without `*`, then more characters that are said."""
        exact = sum(each.is_exact for each in self.conditions)
        return len(self.conditions), exact, sum(each.literals for each in self.conditions)

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(map(str, self.conditions))})"


@dataclass(frozen=True, slots=True)
class Entry:
    """Who answers for an account or a unit."""

    team: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """An organizational unit. `owner` None leaves its accounts to the unit that it is `within`."""

    id: str
    owner: Entry | None = None
    accounts: tuple[str, ...] = ()
    within: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """`matched` are all entries that speak of the resource, the winner first; `why` says how it won."""

    owner: Owner
    why: str
    matched: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Ownership:
    """`default` is the team that looks after what is nobody's, and is told of it."""

    default: Entry
    rules: tuple[TagRule, ...] = ()
    accounts: Mapping[str, Entry] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)

    def resolve(self, resource: CloudResource) -> Resolved:
        """The most specific rule wins; of equals the one whose name comes first, so that it is always the same."""
        answers = self._answers(resource)
        fitting = sorted(
            (rule for rule, torn in answers if torn is None),
            key=lambda rule: ([-each for each in rule.specificity], rule.name),
        )
        torn_apart = sorted(((rule, torn) for rule, torn in answers if torn is not None), key=lambda each: each[0].name)
        notes = tuple(_contradicted(rule, torn) for rule, torn in torn_apart)
        below = tuple(self._by_account(resource.account))
        matched = (
            *(Reason("tags", f"{rule} gives it to {rule.team}") for rule in fitting),
            *(Reason(owner.by, f"{owner.rule} gives it to {owner.team}") for owner in below),
        )
        if fitting:
            first = fitting[0]
            return Resolved(Owner(first.team, OwnedBy.TAGS, first.name, first.contact), _won(fitting), matched, notes)
        if below:
            why = f"no rule over tags fits, and {below[0].rule} is the nearest that speaks of its account"
            return Resolved(below[0], why, matched, notes)
        missing = "it has no account" if not resource.account else f"no entry speaks of account {resource.account}"
        tagged = "no rule fits its tags" if resource.tags else "it has no tags"
        owner = Owner(self.default.team, OwnedBy.DEFAULT, "default", self.default.contact)
        return Resolved(owner, f"{tagged} and {missing}: the default looks after it", (), notes)

    def _answers(self, resource: CloudResource) -> list[tuple[TagRule, TagCondition | None]]:
        """The rules that fit, and those that would if a tag did not contradict itself, with the condition about it."""
        tags = indexed(resource.tags)
        found: list[tuple[TagRule, TagCondition | None]] = []
        for rule in self.rules:
            torn: TagCondition | None = None
            for condition in rule.conditions:
                answer = condition.asked(tags)
                if answer is Answer.NO:
                    break
                if answer is Answer.CONTRADICTED and torn is None:
                    torn = condition
            else:
                found.append((rule, torn))
        return found

    def _by_account(self, account: str) -> Iterator[Owner]:
        """The account's own entry, then its unit and those around it, from within."""
        if not account:
            return
        if (entry := self.accounts.get(account)) is not None:
            yield Owner(entry.team, OwnedBy.ACCOUNT, f"account {account}", entry.contact)
        unit = next((each for each in self.units.values() if account in each.accounts), None)
        while unit is not None:
            if unit.owner is not None:
                yield Owner(unit.owner.team, OwnedBy.UNIT, f"unit {unit.id}", unit.owner.contact)
            unit = self.units.get(unit.within)


def _contradicted(rule: TagRule, torn: TagCondition) -> Reason:
    return Reason("tags", f"{rule} does not count: the tag {torn.key} is there with several values")


def _won(fitting: list[TagRule]) -> str:
    first, *others = fitting
    if not others:
        return f"{first} is the only rule that fits"
    equals = [rule for rule in others if rule.specificity == first.specificity]
    if not equals:
        return f"{first} is the most specific of {len(fitting)} rules that fit"
    names = ", ".join(rule.name for rule in equals)
    return f"{first} is as specific as {names}, and its name comes first"
