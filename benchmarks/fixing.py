"""Times of whole fixes as ratios within one run, and what one more of them takes of the processor.

Each is located, fixed by recipe and judged by every stage.
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from time import process_time

from benchmarks import results
from benchmarks.index import Row, cold, interleaved, ratio
from benchmarks.opened import opened
from benchmarks.repository import Thing, things, write

from iacfix.controls import load_catalogue
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.outcome import Status
from iacfix.workflows.fix import Fixer

MANY = 50
CATALOGUE = load_catalogue()


def finding_of(queue: Thing) -> Finding:
    return Finding(
        "security_hub", queue.arn, "SQS.1", "SQS queues should be encrypted", CloudResource("AwsSqsQueue", queue.arn)
    )


def fix(folder: Path, queues: tuple[Thing, ...]) -> None:
    fixer = Fixer(CATALOGUE, opened(folder), compose=False)
    for queue in queues:
        assert fixer.fix(finding_of(queue)).status is Status.PROPOSED, queue


def measure(count: int, rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, count)
        queues = tuple(thing for thing in things(count) if thing.address.startswith("aws_sqs_queue.jobs"))
        cold(folder)
        fix(folder, queues[:1])  # the second parser loads its grammar once for each process
        works = {
            "cold index": lambda: cold(folder),
            "one finding": lambda: fix(folder, queues[len(queues) // 2 :][:1]),
            "many": lambda: fix(folder, queues[:MANY]),
        }
        times = interleaved(works, rounds)
        one_more = each_of(folder, queues[:MANY])
    return [
        Row("one finding fixed", "cold index", ratio(times, "one finding", "cold index")),
        Row(f"{len(queues[:MANY])} findings fixed", "cold index", ratio(times, "many", "cold index")),
        Row("one more, the index being there", "", one_more, 50, unit=" ms"),
    ]


def each_of(folder: Path, queues: tuple[Thing, ...]) -> float:
    """The median of milliseconds of the processor, which a busy machine does not change."""
    fixer = Fixer(CATALOGUE, opened(folder), compose=False)
    fixer.fix(finding_of(queues[-1]))  # opens the index
    taken: list[float] = []
    for queue in queues:
        started = process_time()
        assert fixer.fix(finding_of(queue)).status is Status.PROPOSED, queue
        taken.append(1000 * (process_time() - started))
    return statistics.median(taken)


def page(rows: list[Row], count: int, rounds: int) -> str:
    head = (
        f"## Fixing\n\n{results.made_by('fixing --write')} {count:,} generated files, medians of {rounds} interleaved "
        "rounds. Each finding is located in the repository as the last run left its index, fixed by recipe and judged "
        "by every stage."
    )
    return f"{head}\n\n{results.table(('what', 'against', 'figure', 'bar', 'met'), [row.cells() for row in rows])}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--write", action="store_true", help="keep the table in benchmarks/RESULTS.md")
    given = options.parse_args()
    text = page(measure(given.files, given.rounds), given.files, given.rounds)
    print(text)
    if given.write:
        results.write("fixing", text)


if __name__ == "__main__":
    main()
