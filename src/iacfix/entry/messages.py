"""What a message of a queue, a topic or a bus becomes: its findings, each handled, whoever delivered it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from iacfix.config import Settings
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import FindingRead, InvalidFinding
from iacfix.domain.secrets import redact
from iacfix.findings.acceptance import Acceptance
from iacfix.findings.arrivals import Arrival, open_message
from iacfix.findings.authentication import Proof
from iacfix.findings.origin import Origin
from iacfix.ports.stores import LedgerStore
from iacfix.workflows.intake import Handled, Intake


class UnfinishedError(IacfixError):
    """Something in a message could not be done now: it is to be delivered again. What was done is found then."""


@dataclass(frozen=True, slots=True)
class Messages:
    """`run` gives what handles one message; `settings` and `store` are what it is made of. `proof` is what
    callers over HTTP have to show; None lets nobody in.
    """

    run: Callable[[], Intake]
    settings: Settings = field(default_factory=Settings, repr=False)
    store: LedgerStore | None = None
    acceptance: Acceptance = field(default_factory=Acceptance)
    proof: Proof | None = None

    def handle(self, body: str, origin: Origin) -> tuple[Handled, ...]:
        """Raises UnfinishedError."""
        return self.handle_all(open_message(body, origin, self.acceptance), origin.message_id)

    def handle_all(self, arrivals: Iterable[Arrival], message_id: str) -> tuple[Handled, ...]:
        """One finding costs no other its turn. Raises UnfinishedError with the first reason."""
        intake = self.run()
        done: list[Handled] = []
        failed: list[IacfixError] = []
        for read in _reads(arrivals, message_id):
            try:
                done.append(intake.handle(read))
            except IacfixError as error:
                failed.append(error)
            except Exception as error:  # noqa: BLE001 - nor does a fault of ours at one finding
                failed.append(_fault(error))
        if failed:
            more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            raise UnfinishedError(f"{failed[0].what}{more}", remedy=failed[0].remedy) from failed[0]
        return tuple(done)


def _fault(error: Exception) -> IacfixError:
    what = f"a fault of iacfix's own, please report it: {type(error).__name__}: {redact(str(error))}"
    found = UnfinishedError(what)
    found.__cause__ = error
    return found


def _reads(arrivals: Iterable[Arrival], message_id: str) -> Iterable[FindingRead]:
    """What is no finding is known by its message."""
    for arrival in arrivals:
        for read in arrival.reads:
            name = arrival.origin.message_id or message_id
            yield replace(read, id=read.id or name) if isinstance(read, InvalidFinding) else read
