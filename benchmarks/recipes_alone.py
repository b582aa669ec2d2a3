"""Real findings in real code, by recipes alone: what is proposed, what is declined and why, and how long one takes.

A sample is a file of cases, a JSON object on each line (id, corpus, framework, file, scope, check_id, check_name,
resource, line_range, fix), and the folder that holds their code. `--diffs` keeps what is proposed in a form that an
independent judge reads, and `--verdicts` is what it says of them (id, fixed, clean, cheats, flags, changed_lines):

    python -m benchmarks.recipes_alone --sample CASES CORPUS --config iacfix.yaml --diffs FOLDER
    python -m benchmarks.recipes_alone --sample CASES CORPUS --config iacfix.yaml --verdicts FILE --write
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import cast

from benchmarks import results

from iacfix.adapters.source_tree import FileSystemTree
from iacfix.config import load_settings
from iacfix.controls import load_catalogue
from iacfix.domain.control import Literal
from iacfix.domain.finding import Finding
from iacfix.findings import read_findings
from iacfix.locators.locate import locate
from iacfix.locators.repository import Repository
from iacfix.workflows.fix import Fixer, Generator

CATALOGUE = load_catalogue()
CODE = frozenset({".tf", ".tfvars"})
NEEDS_VALUE = "needs-value"
NAMES_A_SETTING = "set `defaults:"
REPLACES = (
    "replaces",
    "only replaced",
    "Terraform replace ",
    "chosen as it was made",
    "cannot be encrypted as it stands",
    "is encrypted as its cluster is",
)
NOTES = """\
- **clean**: an independent judge applied the diff and scanned again: the check passes on that resource, and no other
  block or file changed, nothing fails anew, nothing is unknown to the provider, at most 50 lines
- **would replace**: declined, because AWS or Terraform would make a new resource and lose what is in the old one
- **new failed checks**: on any resource, new ones too, that did not fail before"""
UNCONFIGURED = (
    "Those that need a value, without any configuration. What is proposed all the same takes a setting that has a"
    " fallback, or no value of the owner's:"
)

Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Became:
    """`seconds` of the processor, from the finding to the judged proposal, in a repository whose index is there."""

    id: str
    sample: str
    kind: str
    check: str
    resource: str
    status: str
    reason: str
    diff: str
    seconds: float

    @property
    def would_replace(self) -> bool:
        return any(word in self.reason for word in REPLACES)


def measure(cases: Path, corpus: Path, defaults: Mapping[str, Literal]) -> Iterator[Became]:
    for case in _lines(cases):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _stage(case, corpus, folder)
            yield _became(case, cases.stem, folder, defaults)


def _stage(case: Node, corpus: Path, folder: Path) -> None:
    """The file, or its whole module: an answer that stands elsewhere in the corpus may not help."""
    root, path = corpus / str(case["corpus"]), Path(str(case["file"]))
    beside = (root / path).parent
    paths = [root / path] if case["scope"] == "file" else [each for each in beside.iterdir() if each.suffix in CODE]
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    for each in paths:
        shutil.copyfile(each, folder / path.parent / each.name)


def _became(case: Node, sample: str, folder: Path, defaults: Mapping[str, Literal]) -> Became:
    repository = Repository(FileSystemTree(folder, environment=os.environ))
    (read,) = read_findings(_report(case))
    assert isinstance(read, Finding), read
    locate(read, repository)  # which makes the index
    started = process_time()
    outcome = Fixer(CATALOGUE, repository, Generator.RECIPE, defaults=defaults).fix(read)
    seconds = process_time() - started
    diff = outcome.proposal.candidate.diff if outcome.proposal is not None else ""
    kind, check, resource = (str(case[name]) for name in ("fix", "check_id", "resource"))
    return Became(str(case["id"]), sample, kind, check, resource, str(outcome.status), outcome.reason, diff, seconds)


def _report(case: Node) -> bytes:
    failed = {
        "check_id": case["check_id"],
        "check_name": case["check_name"],
        "file_path": f"/{case['file']}",
        "file_line_range": case["line_range"],
        "resource": case["resource"],
    }
    return json.dumps({"check_type": case["framework"], "results": {"failed_checks": [failed]}}).encode()


def _lines(path: Path) -> Iterator[Node]:
    return (cast("Node", json.loads(line)) for line in path.read_text().splitlines() if line.strip())


def keep(rows: Iterable[Became], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    by_sample: dict[str, list[str]] = {}
    for row in rows:
        by_sample.setdefault(row.sample, []).append(json.dumps({"id": row.id, "diff": row.diff}))
    for sample, lines in by_sample.items():
        (folder / f"{sample}.jsonl").write_text("".join(f"{line}\n" for line in lines))


def by_class(rows: Sequence[Became], verdicts: Mapping[str, Node]) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for sample, kind in dict.fromkeys((row.sample, row.kind) for row in rows):
        ours = [row for row in rows if (row.sample, row.kind) == (sample, kind)]
        said = [verdicts[row.id] for row in ours if row.diff and row.id in verdicts]
        sizes = [cast("int", each["changed_lines"]) for each in said]
        found.append(
            (
                sample,
                kind,
                len(ours),
                sum(bool(row.diff) for row in ours),
                sum(bool(each["clean"]) for each in said),
                f"{sum(bool(each['clean']) for each in said) / len(ours):.0%}",
                sum(len(_of(each, "cheats")) for each in said),
                sum(flag.startswith("other-") for each in said for flag in _of(each, "flags")),
                sum(len(_of(each, name)) for each in said for name in ("new_failures", "new_failures_on_added")),
                f"{statistics.median(sizes):g}" if sizes else "",
                sum(row.would_replace for row in ours if not row.diff),
                sum(not row.would_replace for row in ours if not row.diff),
            )
        )
    return found


def _of(verdict: Node, name: str) -> list[str]:
    return cast("list[str]", verdict.get(name, []))


def unconfigured(rows: Iterable[Became]) -> tuple[object, ...]:
    ours = [row for row in rows if row.kind == NEEDS_VALUE]
    declined = [row for row in ours if not row.diff]
    naming = sum(NAMES_A_SETTING in row.reason for row in declined)
    replaces = sum(row.would_replace and NAMES_A_SETTING not in row.reason for row in declined)
    return len(ours), len(ours) - len(declined), naming, replaces, len(declined) - naming - replaces


def declined(rows: Iterable[Became]) -> list[tuple[object, ...]]:
    """One row for each check and reason."""
    counts = Counter((row.check, row.kind, _why(row)) for row in rows if not row.diff)
    return [(check, kind, number, why) for (check, kind, why), number in sorted(counts.items())]


def _why(row: Became) -> str:
    """Without the control's name, and with the resource's own name taken out."""
    _, _, said = row.reason.partition(": ")
    return (said or row.reason).replace(row.resource, "the resource")[:240]


def page(rows: Sequence[Became], bare: Sequence[Became], verdicts: Mapping[str, Node]) -> str:
    times = sorted(row.seconds * 1000 for row in rows)
    headings = (
        "sample",
        "a right fix takes",
        "cases",
        "proposed",
        "clean",
        "of all",
        "cheats",
        "other blocks or files",
    )
    more = ("new failed checks", "median lines", "would replace", "declined otherwise")
    return "\n\n".join(
        (
            "## Recipes alone",
            results.made_by("recipes_alone --sample … --config … --verdicts … --write")
            + f" {len(rows)} findings of Checkov in code that others wrote, with a configuration that gives a team's"
            f" values. From a finding to its judged proposal, the index being there: a median of"
            f" {statistics.median(times):.0f} ms of the processor, nine in ten within"
            f" {times[int(len(times) * 0.9)]:.0f} ms.",
            results.table((*headings, *more), by_class(rows, verdicts)),
            NOTES,
            UNCONFIGURED,
            results.table(
                ("cases", "proposed", "declined, the setting named", "would replace", "declined otherwise"),
                [unconfigured(bare)],
            ),
            "What is declined, and why:",
            results.table(("check", "a right fix takes", "cases", "why"), declined(rows)),
        )
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sample", nargs=2, type=Path, action="append", required=True, metavar=("CASES", "CORPUS"))
    options.add_argument("--config", type=Path, required=True)
    options.add_argument("--diffs", type=Path, metavar="FOLDER", help="keep what is proposed, for the judge")
    options.add_argument("--verdicts", type=Path, action="append", default=[], metavar="FILE")
    options.add_argument("--write", action="store_true", help="keep the tables in benchmarks/RESULTS.md")
    given = options.parse_args()
    defaults = load_settings(given.config, os.environ).defaults
    samples = cast("list[tuple[Path, Path]]", given.sample)
    rows = [row for cases, corpus in samples for row in measure(cases, corpus, defaults)]
    if given.diffs is not None:
        keep(rows, given.diffs)
    bare = [row for cases, corpus in samples for row in measure(cases, corpus, {})] if given.verdicts else []
    verdicts = {str(line["id"]): line for path in given.verdicts for line in _lines(path)}
    text = page(rows, bare, verdicts)
    print(text)
    if given.write:
        results.write("recipes-alone", text)


if __name__ == "__main__":
    main()
