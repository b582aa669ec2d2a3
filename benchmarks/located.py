"""Real code: does every file parse, and is every resource with a known name found again from its ARN alone?

Each folder given is one repository. Run it on code that others wrote:

    python -m benchmarks.located --repositories ../modules/* ../templates --write
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import cases, real_code, results
from benchmarks.judged import Judged, Mark, judge
from benchmarks.opened import opened
from benchmarks.real_code import Parsed

SHOWN = 300  # characters of a reason


@dataclass(frozen=True, slots=True)
class Repository:
    name: str
    parsed: Parsed
    judged: tuple[Judged, ...]

    def cells(self) -> tuple[object, ...]:
        marks = Counter(each.mark for each in self.judged)
        return (
            self.name,
            len(self.parsed.terraform),
            len(self.parsed.templates),
            len(self.parsed.unread),
            self.parsed.resources,
            len(self.judged),
            *(marks[mark] for mark in Mark),
        )


def measure(folder: Path) -> Repository:
    repository, parsed = opened(folder), real_code.read(folder)
    made = (*cases.terraform(parsed, repository), *cases.cloudformation(parsed))
    return Repository(folder.name, parsed, tuple(judge(made, repository)))


HEADINGS = (
    "repository",
    "Terraform files",
    "templates",
    "not read",
    "resources",
    "with a known name",
    *Mark,
)

MEANINGS = {
    "with a known name": "its ARN can be made of what the code tells: literally, or by defaults, locals and calls",
    Mark.LOCATED: "the finding says nothing but this ARN, and the answer is the block that makes it",
    Mark.RIGHTLY_AMBIGUOUS: "several blocks of the repository would make this very ARN, and exactly these are named",
    Mark.AMBIGUOUS: "the block is one of several candidates",
    Mark.WRONG: "another block, one of several that are equally right, or candidates without the right one",
}


def page(found: Sequence[Repository]) -> str:
    rows = [each.cells() for each in found]
    parts = [
        f"## Real code\n\n{results.made_by('located --repositories … --write')}",
        results.table(HEADINGS, [*rows, results.totals(rows)]),
        "\n".join(f"- **{name}**: {meaning}" for name, meaning in MEANINGS.items()),
    ]
    unread = [(each.name, item.path, item.line, item.reason[:SHOWN]) for each in found for item in each.parsed.unread]
    if unread:
        parts += ["Not read:", results.table(("repository", "file", "line", "reason"), unread)]
    amiss = [
        (
            each.name,
            item.case.arn,
            f"{item.case.address} at {item.case.path}:{item.case.line}",
            item.mark,
            item.reason[:SHOWN],
        )
        for each in found
        for item in each.judged
        if item.mark not in {Mark.LOCATED, Mark.RIGHTLY_AMBIGUOUS}
    ]
    if amiss:
        parts += ["Not as they should be:", results.table(("repository", "ARN", "made by", "mark", "answer"), amiss)]
    return "\n\n".join(parts)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repositories", nargs="+", required=True, metavar="FOLDER")
    options.add_argument("--write", action="store_true", help="keep the tables in benchmarks/RESULTS.md")
    given = options.parse_args()
    text = page([measure(folder) for folder in real_code.existing(given.repositories)])
    print(text)
    if given.write:
        results.write("located", text)


if __name__ == "__main__":
    main()
