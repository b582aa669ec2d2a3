from collections.abc import Sequence
from pathlib import Path

import pytest

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import read
from iacfix.ports.queue import Delivery
from iacfix.workflows.dead_letters import About, DeadLetters, Letter, Wanted
from iacfix.workflows.record import Recorder

ABOUT = (
    About("", "", "", "rejected", "it is not JSON"),
    About("s3-versioning", "111122223333", "arn:aws:s3:::logs", "received", "the host cannot be Reached"),
)
LETTER = Letter(Delivery("m-1", "receipt", "{}", sent_at=1_000.0), ABOUT)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(older=600),
        Wanted(newer=600),
        Wanted(reason="reached"),
        Wanted(reason="not json"),
        Wanted(control="s3-*"),
        Wanted(account="111122223333"),
        Wanted(id="m-1", older=60, newer=3_600, reason="host", control="s3-versioning", account="111122223333"),
    ],
)
def test_a_letter_fits_what_is_asked(wanted: Wanted) -> None:
    assert wanted.fits(LETTER, now=1_600.0)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(older=601),
        Wanted(newer=599),
        Wanted(reason="throttled"),
        Wanted(control="rds-*"),
        Wanted(account="1"),
        Wanted(id="m-2"),
        Wanted(reason="not json", control="s3-*"),
    ],
    ids=repr,
)
def test_a_letter_does_not_fit_by_halves(wanted: Wanted) -> None:
    """Of several findings in one, one has to be all that is asked."""
    assert not wanted.fits(LETTER, now=1_600.0)


class Dead:
    """A queue of one message."""

    arn = ""

    def __init__(self) -> None:
        self.held: list[int] = []
        self.deleted: list[str] = []

    def receive(self, *, wait: int, hold: int) -> list[Delivery]:  # noqa: ARG002 - the port's
        self.held.append(hold)
        return [LETTER.delivery]

    def hold(self, deliveries: Sequence[Delivery], seconds: int) -> None:
        """Nobody asks."""

    def delete(self, delivery: Delivery) -> None:
        self.deleted.append(delivery.id)

    def send(self, body: str) -> None:
        """Nobody asks."""


def test_what_is_deleted_is_told_in_the_record_and_was_held_as_long_as_it_took(tmp_path: Path) -> None:
    queue, store = Dead(), SqliteLedger(tmp_path / "ledger.sqlite")
    work = DeadLetters(queue, lambda _: (), lambda each: (each, ""), Recorder(store, "a person"), lambda: 1_600.0, 900)
    assert work.letters(Wanted(), 1)
    assert queue.held == [900]
    work.discard(LETTER, "an old test")
    (record,) = (read(line).event for line in store.audit())
    assert "an old test (about " in record.reason
    assert "s3-versioning of arn:aws:s3:::logs in 111122223333" in record.reason
    assert queue.deleted == ["m-1"]
