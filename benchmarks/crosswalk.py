"""Real findings: which control does each lead to, and why does one lead to none?

Give a folder of Security Hub findings in ASFF. Nothing of them is kept but the names of files, checks and types; those
that are closed by now are read as though they were open:

    python -m benchmarks.crosswalk --findings-folder ../findings --write
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import results

from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.errors import InputError
from iacfix.domain.finding import FindingRead, InvalidFinding
from iacfix.findings import read_findings
from iacfix.workflows.coverage import Standing, standing_of
from iacfix.workflows.fix import identify, unsupported

BEYOND_CODE = "beyond code"
UNREADABLE = "not read"
STATES = frozenset({"Workflow", "WorkflowState", "RecordState"})
SHOWN = 200  # characters of a reason


@dataclass(frozen=True, slots=True)
class Row:
    """`control` is empty where the catalogue has none, and `reason` says why."""

    file: str
    check_id: str
    resource_type: str
    standing: str
    control: str
    reason: str


def measure(folder: Path) -> list[Row]:
    catalogue = load_catalogue()
    rows: list[Row] = []
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix()
        try:
            reads = read_findings(opened(path.read_bytes()))
        except (InputError, ValueError) as error:
            rows.append(Row(name, "", "", UNREADABLE, "", str(error)))
            continue
        rows += [_row(name, read, catalogue) for read in reads]
    return rows


def opened(data: bytes) -> bytes:
    """The findings as they were while open: what they lead to does not depend on what was done about them."""
    return json.dumps(_without_states(json.loads(data))).encode()


def _without_states(value: object) -> object:
    if isinstance(value, list):
        return [_without_states(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _without_states(item) for name, item in value.items() if name not in STATES}
    if isinstance(compliance := kept.get("Compliance"), dict):
        kept["Compliance"] = {name: item for name, item in compliance.items() if name != "Status"}
    return kept


def _row(file: str, read: FindingRead, catalogue: Catalogue) -> Row:
    if isinstance(read, InvalidFinding):
        return Row(file, "", "", UNREADABLE, "", read.reason)
    _, control = identify(read, catalogue)
    if control is not None:
        standing, reason = standing_of(control)
        return Row(file, read.check_id, read.resource.type, standing, control.id, reason)
    if reason := catalogue.beyond_code(read.source, read.check_id):
        return Row(file, read.check_id, read.resource.type, BEYOND_CODE, "", reason)
    return Row(file, read.check_id, read.resource.type, Standing.UNSUPPORTED, "", unsupported(read, catalogue))


MEANINGS = {
    Standing.KNOWN: "a control with a recipe",
    Standing.DECLINED: "a control that says why a person has to do it",
    BEYOND_CODE: "no code declares what the check is about",
    Standing.UNSUPPORTED: "the catalogue has no control for it",
    UNREADABLE: "not a finding, or not JSON",
}


def page(rows: Sequence[Row], folder: str) -> str:
    counts = Counter(row.standing for row in rows)
    summary = [(standing, counts[standing], meaning) for standing, meaning in MEANINGS.items()]
    made_by = results.made_by("crosswalk --findings-folder … --write")
    headings = ("file", "check", "resource type", "standing", "control", "why there is none, or no recipe")
    cells = [(row.file, row.check_id, row.resource_type, row.standing, row.control, row.reason[:SHOWN]) for row in rows]
    return "\n\n".join(
        [
            f"## Cross-walk\n\n{made_by} {len(rows)} findings of `{folder}`.",
            results.table(("standing", "findings", "meaning"), summary),
            results.table(headings, cells),
        ]
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--findings-folder", required=True, type=Path, metavar="FOLDER")
    options.add_argument("--write", action="store_true", help="keep the tables in benchmarks/RESULTS.md")
    given = options.parse_args()
    if not given.findings_folder.is_dir():
        raise SystemExit(f"no such folder: {given.findings_folder}")
    text = page(measure(given.findings_folder), given.findings_folder.name)
    print(text)
    if given.write:
        results.write("crosswalk", text)


if __name__ == "__main__":
    main()
