"""Several repositories at once give what one after the other would give."""

import threading
from collections import defaultdict

import pytest

from iacfix.workflows.batch import in_order
from iacfix.workflows.desk import Desk

ITEMS = [(lane, number) for number in range(6) for lane in "abcde"]
SECONDS = 20.0


class BrokenError(Exception):
    pass


def lane_of(item: tuple[str, int]) -> str:
    return item[0]


def nothing() -> None:
    pass


@pytest.mark.parametrize("jobs", [1, 2, 4, 16])
def test_results_come_in_the_order_of_the_items_and_each_is_counted(jobs: int) -> None:
    counted: list[None] = []
    seen: dict[str, list[int]] = defaultdict(list)

    def work(item: tuple[str, int]) -> str:
        seen[item[0]].append(item[1])
        return f"{item[0]}{item[1]}"

    found = list(in_order(ITEMS, work, lane_of, jobs, lambda: counted.append(None)))
    assert found == [f"{lane}{number}" for lane, number in ITEMS]
    assert len(counted) == len(ITEMS)
    assert all(numbers == list(range(6)) for numbers in seen.values()), "a lane keeps its order"


def test_so_many_are_worked_on_at_once_and_no_more() -> None:
    together = threading.Barrier(3)
    lock = threading.Lock()
    busy, most = [0], [0]

    def work(_: str) -> None:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        together.wait(SECONDS)
        with lock:
            busy[0] -= 1

    list(in_order("abcdef", work, str, 3, nothing))
    assert most == [3]


@pytest.mark.parametrize("jobs", [1, 4])
def test_an_exception_ends_the_batch_in_its_place(jobs: int) -> None:
    done: list[tuple[str, int]] = []

    def work(item: tuple[str, int]) -> tuple[str, int]:
        if item == ("c", 2):
            raise BrokenError
        done.append(item)
        return item

    found: list[tuple[str, int]] = []
    with pytest.raises(BrokenError):
        found.extend(in_order(ITEMS, work, lane_of, jobs, nothing))
    assert set(ITEMS[: ITEMS.index(("c", 2))]) <= set(done), "what comes before it is finished"
    assert not {("c", number) for number in range(2, 6)} & set(done)


def test_who_stops_listening_stops_the_lanes() -> None:
    begun: list[tuple[str, int]] = []
    go = threading.Event()

    def work(item: tuple[str, int]) -> tuple[str, int]:
        begun.append(item)
        if item != ("a", 0):
            go.wait(SECONDS)
        return item

    results = in_order(ITEMS, work, lane_of, 2, go.set)
    assert next(results) == ("a", 0)
    results.close()
    assert len(begun) < len(ITEMS)


def test_one_sits_at_the_desk_and_who_waits_leaves_it() -> None:
    desk = Desk()
    at_desk, outside = [0], threading.Barrier(4)

    def work(_: str) -> int:
        with desk:
            at_desk[0] += 1
            assert at_desk == [1]
            at_desk[0] -= 1
            with desk.left():
                outside.wait(SECONDS)  # all four have to be here at once
            at_desk[0] += 1
            assert at_desk == [1]
            at_desk[0] -= 1
            return 1

    assert list(in_order("abcd", work, str, 4, nothing)) == [1] * 4


def test_who_does_not_sit_at_the_desk_leaves_nothing() -> None:
    desk = Desk()
    with desk.left(), desk:
        pass
    with pytest.raises(BrokenError), desk, desk.left():
        raise BrokenError
    with desk:
        pass
