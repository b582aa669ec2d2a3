from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.workflows.live import FOUND, Live

from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.triage import Mode
from iacfix.ports.posture import At
from iacfix.ports.runbooks import Execution, Progress, Start
from iacfix.runtime.guards import Owned, Source


class KilledError(BaseException):
    """The process ends here."""


def fixed(live: Live) -> LedgerEntry:
    source = Source(Owned.BY_NOBODY, "")
    entry = live.remediator.remediate(FOUND, source=source, mode=Mode.AUTONOMOUS, apply=True).entry
    assert entry is not None
    assert entry.state is State.FIXED
    return entry


def test_who_is_killed_while_taking_back_leaves_nothing_that_is_called_fixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live(tmp_path)
    entry, real = fixed(live), live.start

    def killed(start: Start, begin: Callable[[Start], str] = real) -> str:
        begin(start)
        raise KilledError

    monkeypatch.setattr(live, "start", killed)
    with pytest.raises(KilledError):
        live.rollback.restore(entry, by="ann", apply=True)
    assert live.status == "Suspended"
    left = live.moves.store.get(entry.key)
    assert left is not None
    assert left.state is State.TRIAGED


def test_a_way_back_that_failed_can_be_gone_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = Live(tmp_path)
    entry = fixed(live)

    def failed(execution: str, at: At, correlation: str) -> Execution:
        assert at.account, correlation
        live.status = "Enabled"
        return Execution(execution, Progress.FAILED, "no")

    with monkeypatch.context() as patch:
        patch.setattr(live, "look", failed)
        refused = live.rollback.restore(entry, by="ann", apply=True)
    assert not refused.done
    taken = live.rollback.restore(refused.entry, by="ann", apply=True)
    assert (taken.done, taken.entry.state) == (True, State.TRIAGED)
    assert len({each.token for each in live.started}) == 3
