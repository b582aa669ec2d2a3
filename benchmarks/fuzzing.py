"""Real events, wounded by chance, through every reader and envelope: nothing raises, nothing is lost, nothing differs.

    python -m benchmarks.fuzzing [--cases 20000] [--seed 1] [--write] [FOLDER …]

Besides the events of `fixtures/`, those of the folders given are taken: every JSON file in them that a reader knows.
A case that breaks a rule is shown with its seed, and `--seed N --cases 1` makes it again.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks import results
from tests.support.held_reads import check, check_identity, check_value
from tests.support.messages import events, of_every_format
from tests.support.mutations import mutated, wrapped, written

from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.finding import Finding
from iacfix.findings.arrivals import reader_of

FIXTURES = Path(__file__).parent.parent / "fixtures"
OWN = (*of_every_format(), *events().values())
MAX_FILE = 200_000
MOST_OF_A_REPORT = 5
"""Items of a list that are kept: a report of hundreds is wounded in a few all the same."""


@dataclass
class Tally:
    """By format of the event that a case was made from."""

    cases: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    slowest: float = 0.0


def samples(folders: Sequence[Path]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    files = [*sorted(FIXTURES.glob("*/finding.json"))[::7], *(FIXTURES / "demo").glob("*.json")]
    for value in (*OWN, *_read(files), *_read(path for each in folders for path in sorted(each.rglob("*.json")))):
        reader = reader_of(value)
        if reader is not None and value:
            found.setdefault(reader.name, []).append(_shortened(value))
    return found


def _read(files: Iterator[Path] | Sequence[Path]) -> Iterator[object]:
    for path in files:
        if path.stat().st_size > 100 * MAX_FILE:
            continue
        try:
            yield json.loads(path.read_text(encoding="utf-8"))
        except ValueError:  # a template beside the events, or no JSON
            continue


def _shortened(value: object) -> object:
    """Long lists of a report are cut, so that a case takes milliseconds."""
    if isinstance(value, list):
        return [_shortened(each) for each in value[:MOST_OF_A_REPORT]]
    return {key: _shortened(each) for key, each in value.items()} if isinstance(value, dict) else value


def run(by_format: dict[str, list[object]], cases: int, seed: int, catalogue: Catalogue) -> Tally:
    """As many cases of each format; each has a seed of its own."""
    tally, formats = Tally(), sorted(by_format)
    everything = [value for values in by_format.values() for value in values]
    for number in range(seed, seed + cases):
        random = Random(number)  # noqa: S311 - chance, no secret
        name = formats[number % len(formats)]
        value = mutated(random.choice(by_format[name]), everything, random)
        data = written(wrapped(value, random), random)
        begun = time.perf_counter()
        try:
            check_value(value)
            arrivals = check(data)
            check_identity(arrivals, catalogue)
        except Exception as error:  # noqa: BLE001 - any error at all is what is looked for
            tally.broken.append(f"seed {number}: {name}: {type(error).__name__}: {str(error)[:200]}")
            continue
        finally:
            tally.slowest = max(tally.slowest, time.perf_counter() - begun)
        reads = [read for arrival in arrivals for read in arrival.reads]
        good = sum(isinstance(read, Finding) for read in reads)
        tally.cases[name] += 1
        tally.whole[name] += good == len(reads) > 0
        tally.findings[name] += good
        tally.refused[name] += len(reads) - good
    return tally


def table(tally: Tally, by_format: dict[str, list[object]]) -> str:
    headings = ("format", "real events", "cases", "findings read", "entries told as invalid", "cases read whole")
    rows: list[Sequence[object]] = [
        (name, len(by_format[name]), tally.cases[name], tally.findings[name], tally.refused[name], tally.whole[name])
        for name in sorted(by_format)
    ]
    sums = ("all", *(sum(int(str(row[at])) for row in rows) for at in range(1, len(headings))))
    return results.table(headings, [*rows, sums])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folders", nargs="*", type=Path)
    options.add_argument("--cases", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--write", action="store_true", help="keep the table in RESULTS.md")
    given = options.parse_args()
    by_format = samples(given.folders)
    begun = time.perf_counter()
    tally = run(by_format, given.cases, given.seed, load_catalogue())
    spent = time.perf_counter() - begun
    said = (
        f"{given.cases:,} cases from seed {given.seed} in {spent:.0f} s, each through every reader, as a message, in a "
        f"batch with a good one, as a file and over HTTP: {len(tally.broken)} broke a rule."
    )
    shown = f"{table(tally, by_format)}\n\n{said}"
    sys.stdout.write(f"{shown}\n")
    sys.stdout.write("".join(f"{each}\n" for each in tally.broken[:50]))
    sys.stdout.write(f"slowest case: {tally.slowest * 1000:.0f} ms\n")
    if given.write:
        results.write("fuzzing", f"## Malformed input\n\n{results.made_by('fuzzing')}\n\n{shown}")
    sys.exit(bool(tally.broken))


if __name__ == "__main__":
    main()
