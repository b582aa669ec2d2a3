"""What became of the findings of a run, into its ledger."""

from collections.abc import Callable, Iterable, Iterator

import click

from iacfix import __version__
from iacfix.domain.errors import LedgerError, StaleEntryError
from iacfix.domain.outcome import Outcome
from iacfix.domain.triage import Decision
from iacfix.entry.cli.text import safe
from iacfix.entry.stores import ledger_at
from iacfix.workflows.record import Recorder

# A ledger that failed so often in a row is not asked again in this run: each time may take half a minute.
MOST_FAILURES = 3


class Recording:
    """`address` "" keeps nothing. A ledger that fails in mid-run does not stop the run: see `finish`."""

    def __init__(self, address: str, decision_of: Callable[[Outcome], Decision | None] = lambda _: None) -> None:
        """Raises LedgerError: what stands in the way is better said before the work than after it."""
        self._recorder = Recorder(ledger_at(address), f"iacfix/{__version__}") if address else None
        self._decision_of = decision_of
        self._missing = 0
        self._in_a_row = 0
        self._error: LedgerError | None = None
        if self._recorder is not None:
            self._recorder.store.head(self._recorder.chain)

    def of(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The outcomes as they come, each in the ledger before it is told. A finding that another run is at keeps what
        that run says of it.
        """
        for outcome in outcomes:
            if self._recorder is not None:
                self._record(outcome, self._recorder)
            yield outcome

    def finish(self) -> None:
        """Raises LedgerError where some are not in the ledger: when everything else is done and said."""
        if self._error is None:
            return
        count = f"{self._missing} outcome{'' if self._missing == 1 else 's'}"
        raise LedgerError(
            f"{count} of this run could not be written to the ledger: {self._error.what}",
            remedy=f"{self._error.remedy or 'mend the ledger'}, and run it again: what was done is found and recorded",
        )

    def _record(self, outcome: Outcome, recorder: Recorder) -> None:
        if self._in_a_row == MOST_FAILURES:
            self._missing += 1
            return
        try:
            recorder.record(outcome, self._decision_of(outcome))
            self._in_a_row = 0
        except StaleEntryError as error:
            click.echo(safe(str(error)), err=True)
        except LedgerError as error:
            self._missing += 1
            self._in_a_row += 1
            self._error = error
            click.echo(f"iacfix: not in the ledger: {safe(str(error))}", err=True)
