"""Risks that a person has accepted for a time: which findings they speak of, and when they end.

An exception holds from the day it was made up to and including its last day, by UTC. One that is malformed in anything
holds for nothing, as if it had ended: so its finding comes back, and the entry says why.
"""

import hashlib
import json
from dataclasses import astuple, dataclass
from datetime import date

from iacfix.domain.finding import Finding
from iacfix.triage.wildcard import matches

MOST_DAYS = 365
SOON_DAYS = 14


@dataclass(frozen=True, slots=True)
class Scope:
    """What an exception is for: everything that it names has to be so, and it names `finding`, or `control` and
    `resource`.

    `finding` is the tool's id of it. `control` is the catalogue's id, for a check that it does not know the tool's.
    `resource` is a block's address or what the tool calls the resource, with `*` for any characters; `path` is the
    file that the block stands in.
    """

    finding: str = ""
    control: str = ""
    resource: str = ""
    path: str = ""

    @property
    def names_something(self) -> bool:
        return bool(self.finding or (self.control and self.resource))

    def covers(self, finding: Finding, address: str = "", path: str = "") -> bool:
        """`address` and `path` are "" where the finding is not located: then what names a file does not speak of it."""
        if not self.names_something:
            return False
        names = (address, finding.resource.identifier, finding.hint.address)
        return (
            self.finding in {"", *(identity for _, identity in finding.reports)}
            and self.control in {"", finding.control or finding.check_id}
            and self.path in {"", path}
            and (not self.resource or any(name and matches(self.resource, name) for name in names))
        )


@dataclass(frozen=True, slots=True)
class RiskException:
    """One entry. `approver` is whoever answers for it. `fault` says why it holds for nothing, "" where it is well
    made; then `created` and `until` may be any day.
    """

    scope: Scope
    approver: str
    reason: str
    created: date
    until: date
    fault: str = ""

    @property
    def id(self) -> str:
        """The same however often it is read, and whatever day it ends on."""
        said = [*astuple(self.scope), self.approver, self.reason, self.created.isoformat()]
        return hashlib.sha256(json.dumps(said).encode("ascii")).hexdigest()[:12]

    def holds(self, today: date) -> bool:
        return not self.fault and self.created <= today <= self.until

    def has_ended(self, today: date) -> bool:
        return not self.fault and self.until < today


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Those of one repository, in the order of their file."""

    entries: tuple[RiskException, ...] = ()

    def covering(self, finding: Finding, today: date, address: str = "", path: str = "") -> RiskException | None:
        """The one that lasts longest of those that hold today and speak of the finding."""
        holding = [each for each in self.entries if each.holds(today) and each.scope.covers(finding, address, path)]
        return max(holding, key=lambda each: each.until, default=None)

    def ended(self, finding: Finding, today: date, address: str = "", path: str = "") -> date | None:
        """The last day of those that spoke of the finding and are over; None where one still holds or none ever did."""
        if self.covering(finding, today, address, path) is not None:
            return None
        over = [each for each in self.entries if each.has_ended(today) and each.scope.covers(finding, address, path)]
        return max((each.until for each in over), default=None)

    def ending(self, today: date, days: int = SOON_DAYS) -> tuple[RiskException, ...]:
        """Those that hold today and will not in so many days."""
        last = today.toordinal() + days
        return tuple(each for each in self.entries if each.holds(today) and each.until.toordinal() < last)

    @property
    def faulty(self) -> tuple[RiskException, ...]:
        return tuple(each for each in self.entries if each.fault)


def fault_of(entry: RiskException, most_days: int = MOST_DAYS) -> str:
    """What is wrong with an exception that was read or is to be written; "" where nothing is."""
    if not entry.scope.names_something:
        return "it has to name a `finding`, or a `control` and a `resource`"
    if not entry.approver:
        return "it has to name its `approver`"
    if not entry.reason:
        return "it has to give its `reason`"
    if entry.until < entry.created:
        return f"it ends on {entry.until}, before it was made on {entry.created}"
    if (days := (entry.until - entry.created).days) > most_days:
        return f"it lasts {days} days, and {most_days} is the most"
    return ""
