import pytest

from iacfix.ports.queue import Delivery
from iacfix.workflows.dead_letters import About, Letter, Wanted

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
