import pytest

from iacfix.adapters.tracked import every_page
from iacfix.ports import CloudReadError

PAGES = {"": ([{"Id": "1"}], "a"), "a": ([{"Id": "2"}, {"Id": "3"}], "b"), "b": ([], "")}


def test_every_page_is_read_in_its_order() -> None:
    assert [each["Id"] for each in every_page(lambda token: PAGES[token])] == ["1", "2", "3"]


@pytest.mark.parametrize("back", ["a", "b"])
def test_pages_that_lead_in_a_circle_come_to_an_end(back: str) -> None:
    pages = {**PAGES, "b": ([], back)}
    with pytest.raises(CloudReadError, match="in a circle"):
        list(every_page(lambda token: pages[token]))
