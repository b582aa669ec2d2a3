import pytest
from tests.unit.ledger.test_identity import CLOUD

from iacfix.domain.finding import FindingRead, InvalidFinding
from iacfix.entry.messages import Messages, UnfinishedError
from iacfix.findings.arrivals import Arrival
from iacfix.findings.origin import Origin
from iacfix.workflows.fix import invalid
from iacfix.workflows.intake import Handled, Intake


class Odd(Intake):
    """Has a fault of its own wherever there is a finding."""

    def __init__(self, seen: list[str]) -> None:
        object.__setattr__(self, "seen", seen)

    def handle(self, read: FindingRead) -> Handled:
        if isinstance(read, InvalidFinding):
            object.__getattribute__(self, "seen").append(read.id)
            return Handled(invalid(read))
        raise KeyError(read.id)


def test_a_fault_of_ours_at_one_finding_costs_no_other_its_turn() -> None:
    seen: list[str] = []
    arrival = Arrival(Origin(), "asff", (CLOUD, InvalidFinding("asff", 1, "Id", "is missing", "second")))
    with pytest.raises(UnfinishedError, match="fault of iacfix's own, please report it: KeyError") as caught:
        Messages(lambda: Odd(seen)).handle_all((arrival,), "m-1")
    assert seen == ["second"]
    assert isinstance(caught.value.__cause__, UnfinishedError)
    assert isinstance(caught.value.__cause__.__cause__, KeyError)
