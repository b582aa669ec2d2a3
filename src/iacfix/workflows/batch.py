"""A batch of findings, several repositories at once.

Findings of one repository are worked on one after the other, in their order: each fix builds on those before it, and
may change what the next one is told (its block, what refers to it, the values of its module) and is judged by. An
answer that a model gave to the code as it was before would be paid for and thrown away. Repositories share nothing.
"""

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

Done = Callable[[], None]


def in_order(
    items: Sequence[Item], work: Callable[[Item], Result], lane_of: Callable[[Item], str], jobs: int, done: Done
) -> Generator[Result, None, None]:
    """The results in the order of the items; those of one lane are made one after the other, at most `jobs` at once.

    `done` is called after each, in any thread, whenever that is. An exception ends the batch: it is raised in its
    place, after the results before it, and no lane begins another item.
    """
    lanes: dict[str, list[int]] = {}
    for number, item in enumerate(items) if jobs > 1 else ():
        lanes.setdefault(lane_of(item), []).append(number)
    if len(lanes) < 2:  # noqa: PLR2004 - nothing to do at once, and no need for threads
        for item in items:
            result = work(item)
            done()
            yield result
        return
    batch = _Batch(items, work, done)
    with ThreadPoolExecutor(jobs, "iacfix") as pool:
        try:
            for numbers in lanes.values():
                pool.submit(batch.run, numbers).add_done_callback(partial(batch.ended, numbers))
            for future in batch.results:
                yield future.result()
        finally:
            batch.end(0)  # also when nobody asks for more, or somebody stops it by hand
            pool.shutdown(wait=False, cancel_futures=True)


class _Batch(Generic[Item, Result]):
    def __init__(self, items: Sequence[Item], work: Callable[[Item], Result], done: Done) -> None:
        self._items = items
        self._work = work
        self._done = done
        self._end = len(items)
        self._lock = threading.Lock()
        self.results: list[Future[Result]] = [Future() for _ in items]

    def run(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            if number >= self._end:
                return
            result = self._work(self._items[number])
            self._done()
            self.results[number].set_result(result)

    def end(self, number: int) -> None:
        """No item from this one on is begun."""
        with self._lock:
            self._end = min(self._end, number)

    def ended(self, numbers: Sequence[int], lane: "Future[None]") -> None:
        """What a lane failed with belongs to the item that it was at."""
        error = None if lane.cancelled() else lane.exception()
        failed = next((number for number in numbers if not self.results[number].done()), None)
        if error is not None and failed is not None:
            self.end(failed)
            self.results[failed].set_exception(error)
