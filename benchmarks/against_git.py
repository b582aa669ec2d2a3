"""Thousands of generated diffs, applied by us and by git: see tests/support/git_apply.py for the reasons."""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks import results
from tests.support.git_apply import Outcome, compare, samples


def page(seed: int, count: int) -> str:
    with tempfile.TemporaryDirectory() as name:
        counts = Counter(compare(Path(name), sample) for sample in samples(seed, count))
    rows = [(counts[outcome], outcome) for outcome in Outcome if counts[outcome] or outcome is Outcome.OTHER_BYTES]
    told = (
        "Diffs by Python's difflib of files with many lines that stand more than once, most of them twisted (other "
        "numbers, order, white space of context, ends of lines, little context), applied here and by `git apply "
        "--recount`."
    )
    return (
        f"## Against git apply\n\n{results.made_by('against_git --write')} Seed {seed}. {told}\n\n"
        f"{results.table(('diffs', 'outcome'), [*rows, (sum(counts.values()), 'all')])}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--count", type=int, default=5000)
    options.add_argument("--write", action="store_true", help="keep the table in benchmarks/RESULTS.md")
    given = options.parse_args()
    text = page(given.seed, given.count)
    print(text)
    if given.write:
        results.write("against-git", text)


if __name__ == "__main__":
    main()
