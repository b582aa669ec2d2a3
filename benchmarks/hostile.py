"""The whole corpus of fixtures/hostile, every target of every way: which stage refuses what."""

import argparse
from collections import Counter

from benchmarks import results
from tests.support import hostile

from iacfix.domain.verdict import Rejected, StageName


def page() -> tuple[str, int]:
    """The table, and how many were accepted or refused by a stage that is not expected."""
    rows = []
    wrong: list[str] = []
    stages = list(StageName)
    for group in hostile.groups():
        counts: Counter[str] = Counter()
        for case in hostile.cases(group):
            verdict = hostile.judged(case.target, case.answer, known=case.known)
            stage = str(verdict.stage) if isinstance(verdict, Rejected) else "accepted"
            counts[stage] += 1
            wrong += [f"{case.name}: {stage}"] if stage not in case.stages else []
        rows.append((group, counts.total(), counts["accepted"], *(counts[str(stage)] for stage in stages)))
    table = results.table(("class", "answers", "accepted", *stages), [*rows, results.totals(rows)])
    told = "\n".join(f"- {each}" for each in wrong) or "Every one is refused by a stage that is expected to."
    return f"## Hostile answers\n\n{results.made_by('hostile --write')}\n\n{table}\n\n{told}", len(wrong)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="keep the table in benchmarks/RESULTS.md")
    given = options.parse_args()
    text, wrong = page()
    print(text)
    if given.write:
        results.write("hostile", text)
    raise SystemExit(wrong > 0)


if __name__ == "__main__":
    main()
