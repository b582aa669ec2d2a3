"""Times as ratios within one run: the index of a repository, and one finding in it. Run with `make bench`."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version

import hcl2
from benchmarks.repository import files
from rich.console import Console
from rich.table import Table

from iacfix.adapters.source_tree import FileSystemTree
from iacfix.controls import load_catalogue
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.outcome import Status
from iacfix.iac.terraform.syntax import parse
from iacfix.locators.repository import TerraformRepository
from iacfix.workflows.fix import Fixer

RESULTS = Path(__file__).with_name("RESULTS.md")
Row = tuple[str, str, float]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def index(tree: FileSystemTree) -> TerraformRepository:
    """What locating by name needs first: every file read, parsed, and its blocks known."""
    repository = TerraformRepository(tree)
    for folder in repository.folders:
        assert repository.module(folder).blocks
    return repository


def queue(number: int) -> Finding:
    arn = f"arn:aws:sqs:eu-west-1:111122223333:service-{number}-jobs"
    resource = CloudResource("AwsSqsQueue", arn, name=f"service-{number}-jobs")
    return Finding("security_hub", f"f-{number}", "SQS.1", "SQS queues should be encrypted", resource)


CATALOGUE = load_catalogue()


def fix(repository: TerraformRepository, numbers: range) -> None:
    fixer = Fixer(CATALOGUE, repository, compose=False)
    for number in numbers:
        assert fixer.fix(queue(number)).status is Status.PROPOSED


def measure(count: int, rounds: int) -> list[Row]:
    """Each figure is the median of `rounds`, taken in turn so that a slow moment of the machine falls on all."""
    with tempfile.TemporaryDirectory() as folder:
        texts = dict(files(count))
        for path, text in texts.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_text(text)
        paths = [Path(folder) / path for path in texts]
        tree, known = FileSystemTree(Path(folder)), index(FileSystemTree(Path(folder)))
        fix(known, range(1))  # the second parser loads its grammar once for each process
        works: dict[str, Callable[[], object]] = {
            "index": lambda: index(tree),
            "python-hcl2": lambda: [hcl2.loads(path.read_text()) for path in paths],
            "tree-sitter": lambda: [parse(path.read_bytes()) for path in paths],
            "reading": lambda: [path.read_bytes() for path in paths],
            "one finding": lambda: fix(known, range(count // 2, count // 2 + 1)),
            "50 findings": lambda: fix(known, range(min(50, count))),
        }
        taken: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(rounds):
            for name, work in works.items():
                taken[name].append(seconds(work))
    median = {name: statistics.median(values) for name, values in taken.items()}
    pairs = [
        ("index", "python-hcl2"),
        ("index", "tree-sitter"),
        ("index", "reading"),
        ("one finding", "index"),
        ("one finding", "reading"),
        ("50 findings", "index"),
    ]
    return [(left, right, median[left] / median[right]) for left, right in pairs]


MEANINGS = {
    "index": "all files read, parsed and their blocks known",
    "python-hcl2": "the same files parsed with python-hcl2",
    "tree-sitter": "the same files parsed, and nothing else",
    "reading": "the same files read",
    "one finding": "an ARN located in the indexed repository, fixed by recipe and judged by every stage",
    "50 findings": "that for 50 findings",
}


def show(rows: list[Row], count: int) -> Table:
    table = Table(title=f"{count} files, times as ratios")
    for heading in ("what", "against", "ratio"):
        table.add_column(heading, justify="right" if heading == "ratio" else "left")
    for left, right, ratio in rows:
        table.add_row(left, right, f"{ratio:.3g}")
    return table


def page(rows: list[Row], count: int) -> str:
    head = [
        "# Results",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, CPython {python_version()}, {count} files. Each ratio is of medians within one",
        "run of `python -m benchmarks.run --write`; a ratio under 1 is faster than what it stands against.",
        "",
        "| what | against | ratio |",
        "|---|---|---|",
    ]
    body = [f"| {left} | {right} | {ratio:.3g} |" for left, right, ratio in rows]
    meanings = ["", *(f"- **{name}**: {meaning}" for name, meaning in MEANINGS.items())]
    return "\n".join([*head, *body, *meanings, ""])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=300)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--write", action="store_true", help="keep the table in benchmarks/RESULTS.md")
    given = options.parse_args()
    rows = measure(given.files, given.rounds)
    Console().print(show(rows, given.files))
    if given.write:
        RESULTS.write_text(page(rows, given.files))


if __name__ == "__main__":
    main()
