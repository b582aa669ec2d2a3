"""Times of the index as ratios within one run. Run with `make bench`."""

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import hcl2
import tree_sitter
import tree_sitter_hcl
from benchmarks import memory, results
from benchmarks.opened import forget, locate_all, opened
from benchmarks.repository import Thing, things, write

FINDINGS = 1000
SAMPLE = 100  # files that python-hcl2 is given in each round
Works = Mapping[str, Callable[[], object]]
Times = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Row:
    """`bar` is what the figure must not pass; at least it for `more`. None: it is only told."""

    what: str
    against: str
    figure: float
    bar: float | None = None
    more: bool = False
    unit: str = ""

    @property
    def met(self) -> str:
        if self.bar is None:
            return ""
        return "yes" if (self.figure >= self.bar if self.more else self.figure <= self.bar) else "**no**"

    def cells(self) -> tuple[str, ...]:
        bar = "" if self.bar is None else f"{'≥' if self.more else '≤'} {self.bar:g}{self.unit}"
        return self.what, self.against, f"{self.figure:.3g}{self.unit}", bar, self.met


def interleaved(works: Works, rounds: int) -> Times:
    """Seconds by name, taken in turn so that a slow moment of the machine falls on all."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()  # what the one before left behind is not this one's
            start = time.perf_counter()
            work()
            taken[name].append(time.perf_counter() - start)
    return taken


def ratio(times: Times, what: str, against: str) -> float:
    """The median of the rounds' own ratios."""
    return statistics.median(left / right for left, right in zip(times[what], times[against], strict=True))


def cold(folder: Path) -> None:
    forget(folder)
    assert opened(folder).index.folders


def raw_parser() -> Callable[[bytes], object]:
    """tree-sitter and nothing else, the tree thrown away."""
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
    return parser.parse


def works_for(folder: Path, paths: Sequence[Path], made: Sequence[Thing]) -> Works:
    parse = raw_parser()
    sample = paths[:: max(1, len(paths) // SAMPLE)]
    changed = next(path for path in paths if path.suffix == ".tf")

    def warm() -> None:
        assert opened(folder).index.folders

    def warm_after_change() -> None:
        changed.write_text(changed.read_text() + "# one more line\n")
        warm()

    return {
        "cold index": lambda: cold(folder),
        "raw tree-sitter": lambda: [parse(path.read_bytes()) for path in paths],
        "python-hcl2": lambda: [hcl2.loads(path.read_text()) for path in sample],
        "warm, nothing changed": warm,
        "warm, one file changed": warm_after_change,
        "1,000 findings": lambda: locate_all(opened(folder), made, FINDINGS),
    }


def measure(count: int, rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write(folder, count)
        made = things(count)
        sample = paths[:: max(1, len(paths) // SAMPLE)]
        share = sum(path.stat().st_size for path in sample) / sum(path.stat().st_size for path in paths)
        works = works_for(folder, paths, made)
        works["1,000 findings"]()  # tables and grammars are loaded once for each process
        times = interleaved(works, rounds)
        peaks = memory.peak(folder, count), memory.peak(folder, count, FINDINGS)
    hcl2_files = "" if len(sample) == len(paths) else f" ({len(sample)} files of them, counted up by bytes)"
    return [
        Row(
            "speed of a cold index",
            f"python-hcl2{hcl2_files}",
            ratio(times, "python-hcl2", "cold index") / share,
            15,
            more=True,
        ),
        Row("cold index", "raw tree-sitter", ratio(times, "cold index", "raw tree-sitter"), 2),
        Row("warm, one file changed", "cold index", ratio(times, "warm, one file changed", "cold index"), 0.05),
        Row("warm, nothing changed", "cold index", ratio(times, "warm, nothing changed", "cold index")),
        Row("1,000 findings", "cold index", ratio(times, "1,000 findings", "cold index"), 1),
        Row("peak memory, cold index", "", peaks[0], 300, unit=" MB"),
        Row("peak memory, 1,000 findings after it", "", peaks[1], 300, unit=" MB"),
    ]


def linearity(counts: Sequence[int], rounds: int) -> list[Row]:
    """Time for each file, against that in the smallest repository."""
    with tempfile.TemporaryDirectory() as name:
        folders = {count: Path(name) / str(count) for count in counts}
        for count, folder in folders.items():
            folder.mkdir()
            write(folder, count)
        works = {str(count): lambda folder=folder: cold(folder) for count, folder in folders.items()}
        times = interleaved(works, rounds)
    least = counts[0]
    return [
        Row(
            f"a file in a cold index of {count:,}",
            f"one of {least:,}",
            ratio(times, str(count), str(least)) * least / count,
        )
        for count in counts[1:]
    ]


MEANINGS = {
    "cold index": "files listed by git, read, their blocks known, and kept for the next run",
    "raw tree-sitter": "the same files read and parsed, and nothing else",
    "warm": "the repository and what the last run kept are opened anew",
    "1,000 findings": "the same, then each located from its ARN alone; each at its right place, or the run fails",
    "peak memory": "of a process of its own, git's not counted",
}


def page(rows: Sequence[Row], count: int, rounds: int) -> str:
    head = (
        f"## Speed\n\n{results.made_by('index --write')} {count:,} generated files, medians of {rounds} interleaved "
        "rounds; times are given only as ratios."
    )
    body = results.table(("what", "against", "figure", "bar", "met"), [row.cells() for row in rows])
    meanings = "\n".join(f"- **{name}**: {meaning}" for name, meaning in MEANINGS.items())
    return f"{head}\n\n{body}\n\n{meanings}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=5000)
    options.add_argument("--sizes", type=int, nargs="*", default=[500, 5000, 20000])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--write", action="store_true", help="keep the table in benchmarks/RESULTS.md")
    given = options.parse_args()
    rows = measure(given.files, given.rounds)
    if given.sizes:
        rows += linearity(given.sizes, given.rounds)
    text = page(rows, given.files, given.rounds)
    print(text)
    if given.write:
        results.write("speed", text)


if __name__ == "__main__":
    main()
