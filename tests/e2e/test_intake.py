"""Events that are cut short at every step, and what their next delivery makes of them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.estate import ENVIRONMENT, event, finding, remote, write_configuration

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.config import load_settings
from iacfix.domain.audit import AuditRecord, Head, read
from iacfix.domain.errors import ConfigurationError, LedgerError
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.entry.event_work import EventWork
from iacfix.entry.messages import Messages, UnfinishedError
from iacfix.findings.origin import Origin, Way
from iacfix.ledger.audit import verify
from iacfix.ports.stores import LedgerStore

ORIGIN = Origin(Way.QUEUE, message_id="m-1")


class CutShortError(BaseException):
    """As if the process had ended there."""


@dataclass
class Ending:
    """A ledger of which the process that uses it ends before a write."""

    store: SqliteLedger
    writes: int

    def get(self, key: str) -> LedgerEntry | None:
        return self.store.get(key)

    def in_states(self, states: Collection[State]) -> Iterator[LedgerEntry]:
        return self.store.in_states(states)

    def head(self, chain: str) -> Head:
        return self.store.head(chain)

    def write(self, record: AuditRecord, entry: LedgerEntry | None = None) -> None:
        self.writes -= 1
        if self.writes < 0:
            raise CutShortError
        self.store.write(record, entry)

    def audit(self) -> Iterator[str]:
        return self.store.audit()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_configuration(tmp_path / "conf", {"123456789012": remote(tmp_path / "origin", ["logs"])})


def work(config: Path, store: LedgerStore) -> EventWork:
    folder = config.parent.parent
    environ = {**ENVIRONMENT, "HOME": str(folder), "IACFIX_CACHE": str(folder / "cache")}
    return EventWork(load_settings(config, environ), store, environ)


def test_what_is_cut_short_at_any_write_is_done_by_the_next_delivery(config: Path, tmp_path: Path) -> None:
    """Four steps for a pull request: it is there from the first time that its finding was let through."""
    working = work(config, SqliteLedger(tmp_path / "unused.sqlite"))
    ends = []
    for writes in range(6):
        ledger = SqliteLedger(tmp_path / f"ledger-{writes}.sqlite")
        working.store = Ending(ledger, writes)
        try:
            Messages(working.run).handle(event(finding("logs")), ORIGIN)
        except CutShortError:
            ends.append(writes)
        working.store = ledger
        (done,) = Messages(working.run).handle(event(finding("logs")), ORIGIN)
        assert done.entry is not None
        assert (done.entry.state, done.entry.owner) == (State.PULL_REQUEST_OPEN, "shop")
        moves = [read(line).event.action for line in ledger.audit()]
        assert moves == [
            f"finding.{each}" for each in ("received", "triaged", "fixing", "proposed", "pull_request_open")
        ]
        assert isinstance(verify(ledger.audit()), dict)
    assert ends == [0, 1, 2, 3, 4]
    assert len(list((tmp_path / "conf" / "pulls").glob("*.md"))) == 1


def test_a_finding_that_fails_costs_the_others_of_its_message_nothing(tmp_path: Path) -> None:
    here = remote(tmp_path / "origin", ["logs"])
    far = write_configuration(tmp_path / "conf", {"123456789012": here, "9": "file:///nowhere/x"})
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    body = event(finding("far", account="9"), finding("logs"), finding("other", severity="LOW"))
    with pytest.raises(UnfinishedError, match="cannot be cloned"):
        Messages(work(far, ledger).run).handle(body, ORIGIN)
    found = {each.resource.rpartition(":")[2]: each for each in ledger.in_states(frozenset(State))}
    assert {name: each.state.value for name, each in found.items()} == {
        "far": "received",
        "logs": "pull_request_open",
        "other": "human_review",
    }
    assert "attempt failed" in found["far"].reason


def test_without_triage_nothing_is_set_off(config: Path, tmp_path: Path) -> None:
    config.write_text(f"repositories: [{{path: {tmp_path}}}]\n")
    with pytest.raises(ConfigurationError, match="nothing of triage"):
        Messages(work(config, SqliteLedger(tmp_path / "l.sqlite")).run).handle(event(finding("logs")), ORIGIN)


class Unread(SqliteLedger):
    """What stands where cannot be read."""

    def in_states(self, states: Collection[State]) -> Iterator[LedgerEntry]:
        raise LedgerError(f"where {len(states)} states stand cannot be read")


def test_an_hour_of_which_nothing_is_known_lets_nothing_through_the_next_time_either(tmp_path: Path) -> None:
    urls = {"123456789012": remote(tmp_path / "origin", ["logs"])}
    config = write_configuration(tmp_path / "conf", urls, limits="  limits: {hour: 50}\n")
    working = work(config, Unread(tmp_path / "ledger.sqlite"))
    for _ in range(2):
        with pytest.raises(LedgerError):
            working.run()
