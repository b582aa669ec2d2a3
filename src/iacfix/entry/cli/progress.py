"""A bar on stderr where somebody watches, nothing where nobody does."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(items: Sequence[Item], work: Callable[[Item], Result], words: str) -> Iterator[Result]:
    """The results in order."""
    if not sys.stderr.isatty():
        yield from map(work, items)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(words, total=len(items))
        for item in items:
            yield work(item)
            progress.advance(task)
