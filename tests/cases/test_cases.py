"""Every case of fixtures/: what a finding becomes, byte for byte, through the whole of iacfix but its command line.

Where before/ and after/ are the same, nothing may change, and expected.json says with which status and reason.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from tests.support.folder_tree import FolderTree
from tests.support.stages import passed_but_for_tools

from iacfix.controls import load_catalogue
from iacfix.domain.control import CloudFormationFix, Control, Literal
from iacfix.domain.outcome import Outcome, Status
from iacfix.findings import read_findings
from iacfix.locators.repository import Repository
from iacfix.workflows.fix import Fixer, Generator

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*--*/finding.json"))
CATALOGUE = load_catalogue()


@dataclass(frozen=True)
class Expected:
    status: Status = Status.PROPOSED
    reason: str = ""
    defaults: dict[str, Literal] = field(default_factory=dict)


def expected(case: Path) -> Expected:
    path = case / "expected.json"
    entry = cast("dict[str, object]", json.loads(path.read_text())) if path.exists() else {}
    status = Status(str(entry.get("status", Status.PROPOSED)))
    given = cast("dict[str, object]", entry.get("defaults", {}))
    return Expected(status, str(entry.get("reason", "")), {name: literal(value) for name, value in given.items()})


def literal(value: object) -> Literal:
    return tuple(map(literal, value)) if isinstance(value, list) else cast("Literal", value)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def run(case: Path, folder: Path) -> tuple[Outcome, dict[str, bytes]]:
    (read,) = read_findings((case / "finding.json").read_bytes())
    repository = Repository(FolderTree(folder))
    outcome = Fixer(CATALOGUE, repository, Generator.RECIPE, defaults=expected(case).defaults).fix(read)
    edits = outcome.proposal.verdict.edits if outcome.proposal is not None else ()
    return outcome, contents(folder) | {edit.path: edit.after for edit in edits}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_becomes_what_a_careful_person_would_write(case: Path, tmp_path: Path) -> None:
    wanted = expected(case)
    outcome, after = run(case, case / "before")
    assert outcome.status is wanted.status, outcome.reason
    assert wanted.reason in outcome.reason
    assert after == contents(case / "after")
    assert (contents(case / "before") == contents(case / "after")) is (wanted.status is not Status.PROPOSED)
    if outcome.proposal is None:
        return
    assert passed_but_for_tools(outcome.stages)
    again, unchanged = run(case, case / "after")
    if outcome.proposal.decision is None:
        assert again.status is Status.ALREADY_FIXED
    else:  # by a name, what is deployed may have another value than the code
        assert (again.status, "already holds as the code stands" in again.reason) == (Status.UNSUPPORTED, True)
    assert unchanged == after
    shutil.copytree(case / "before", tmp_path / "git")
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CEILING_DIRECTORIES": str(tmp_path),
    }
    diff = outcome.proposal.verdict.diff.encode()
    subprocess.run(["git", "apply", "-"], cwd=tmp_path / "git", input=diff, env=environment, check=True)
    assert contents(tmp_path / "git") == after


@pytest.mark.parametrize("control", CATALOGUE.controls, ids=lambda control: control.id)
def test_every_control_has_its_cases(control: Control) -> None:
    """In each language that it speaks of; the names of those of templates begin with `cfn-`."""
    cases = [case for case in CASES if case.name.startswith(f"{control.id}--")]
    for fix in control.fixes:
        of_templates = isinstance(fix, CloudFormationFix)
        theirs = [case for case in cases if ("--cfn-" in case.name) is of_templates]
        statuses = {expected(case).status for case in theirs}
        wanted = {"a resource that is left to people": {Status.UNSUPPORTED, Status.NOT_LOCATED}}
        if fix.has_recipe:
            wanted |= {"a fix": {Status.PROPOSED}, "a resource that is right already": {Status.ALREADY_FIXED}}
        missing = [kind for kind, either in wanted.items() if not either & statuses]
        said = "fixtures/{}--{}… lacks {}".format(control.id, "cfn-" if of_templates else "", " and ".join(missing))
        assert missing == [], said


def test_every_case_is_of_a_control() -> None:
    known = {control.id for control in CATALOGUE}
    assert [case.name for case in CASES if case.name.partition("--")[0] not in known] == []
