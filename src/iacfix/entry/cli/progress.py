"""How far a batch is, on stderr: a bar where somebody watches, a few lines where a log is kept."""

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from iacfix.workflows.batch import in_order

Item = TypeVar("Item")
Result = TypeVar("Result")

# A log gets so many lines, and none for a batch with fewer findings than the second.
LINES, LEAST = 10, 100


def _one_lane(_: object) -> str:
    return ""


def each(
    items: Sequence[Item],
    work: Callable[[Item], Result],
    words: str,
    lane_of: Callable[[Item], str] = _one_lane,
    jobs: int = 1,
) -> Iterator[Result]:
    """The results in order. See `in_order` for `lane_of` and `jobs`."""
    if not sys.stderr.isatty():
        yield from in_order(items, work, lane_of, jobs, _in_a_log(len(items), words))
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(words, total=len(items))
        yield from in_order(items, work, lane_of, jobs, lambda: progress.advance(task))


def _in_a_log(total: int, words: str) -> Callable[[], None]:
    """A line at each tenth part."""
    numbers = count(1)

    def done() -> None:
        number = next(numbers)
        if total >= LEAST and number * LINES // total > (number - 1) * LINES // total:
            click.echo(f"{words}: {number}/{total}", err=True)

    return done
