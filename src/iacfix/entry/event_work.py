"""From configuration and environment to what handles events: made once in a process, and renewed now and then."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import count
from pathlib import Path

from iacfix import __version__
from iacfix.config import Settings
from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.errors import (
    ConfigurationError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRateLimitedError,
    HostUnavailableError,
)
from iacfix.domain.notice import Notice
from iacfix.entry.cli import wiring
from iacfix.entry.cli.places import workplaces
from iacfix.entry.cli.triage import accepted_among, known_among
from iacfix.entry.cli.triage_history import touched_in
from iacfix.entry.reviewing import reviewer_from
from iacfix.entry.triaging import triage_from
from iacfix.ports.stores import LedgerStore
from iacfix.triage.blast_radius import Touch
from iacfix.workflows.clock import utc_now
from iacfix.workflows.exceptions import AcceptedRisks
from iacfix.workflows.intake import Intake
from iacfix.workflows.publish import Publisher
from iacfix.workflows.record import Recorder
from iacfix.workflows.repositories import Fixers
from iacfix.workflows.triage import Triage

# How old the base of a repository may be, in seconds, before its host is asked again.
MAX_AGE = 60.0
# What a later delivery may find gone. A host that refuses does so again, and a person has to hear it.
PASSING = (
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRateLimitedError,
    HostUnavailableError,
)


@dataclass
class EventWork:
    """`environ` is where credentials come from. Raises ConfigurationError where triage is not configured: what nobody
    decides on, no event may set off.
    """

    settings: Settings
    store: LedgerStore
    environ: Mapping[str, str] = field(repr=False)
    tell: Callable[[Notice], object] = lambda _notice: None
    clock: Callable[[], float] = time.monotonic
    _touched: list[Touch] = field(default_factory=list)
    _runs: "count[int]" = field(default_factory=count)
    _fixers: Fixers | None = None
    _hosts: wiring.Hosts | None = None
    _made: float = 0.0

    @cached_property
    def _triage(self) -> Triage:
        if self.settings.triage is None:
            raise ConfigurationError("the configuration says nothing of triage", remedy="see docs/triage.md")
        return triage_from(
            self.settings.triage,
            _catalogue(self.settings.controls),
            model=bool(self.settings.model.id),
            accepted=lambda _finding: AcceptedRisks(),
            review=reviewer_from(self.settings, self.store),
        )

    def run(self) -> Intake:
        """What handles one message: a run of its own for the limits of triage. Raises ConfigurationError."""
        if not self.settings.repositories:
            raise ConfigurationError("the configuration names no repositories", remedy="see docs/configuration.md")
        triage = self._triage
        fixers, hosts = self._opened()
        triage = replace(
            triage,
            accepted=accepted_among(fixers),
            touched=self._touched,
            known_as=known_among(fixers, frozenset(each.resource for each in self._touched)),
            run=f"run {next(self._runs)}",
        )
        publisher = Publisher(fixers.catalogue, hosts.of, ended=fixers.ended, passing=PASSING)
        return Intake(triage, fixers, publisher, Recorder(self.store, f"iacfix/{__version__}"), self.tell)

    def _opened(self) -> tuple[Fixers, wiring.Hosts]:
        now = self.clock()
        if self._fixers is None or self._hosts is None or now - self._made > MAX_AGE:
            hosts = wiring.Hosts(self.settings, environ=self.environ)
            places = workplaces(self.settings, None, (), lambda name: hosts.of(name).base.commit)
            catalogue = _catalogue(self.settings.controls)
            self._fixers = wiring.fixers(self.settings, places, None, None, compose=False, catalogue=catalogue)
            # What others let through counts for an hour's limit; nobody else asks.
            counts = self.settings.triage is not None and self.settings.triage.limits.get("hour") is not None
            # before the rest counts as made: a ledger that cannot be read just now leaves no limit that counts nothing
            self._touched[:] = touched_in(self.store, utc_now()) if counts else ()
            self._hosts, self._made = hosts, now
        return self._fixers, self._hosts


@cache
def _catalogue(folders: tuple[Path, ...]) -> Catalogue:
    """Read once in a process: whoever changes own controls starts it again."""
    return load_catalogue(folders)
