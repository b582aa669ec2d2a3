from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.outcome import Outcome
from iacfix.domain.proposal import Edit
from iacfix.domain.verdict import StageName
from iacfix.patches import render_diff
from iacfix.ports import Formatter, ToolError
from iacfix.validators import Tools
from iacfix.workflows.fix import Fixer
from iacfix.workflows.validate import judged, unsigned

CATALOGUE = load_catalogue()
KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'
TIGHT = KEY.replace("}", "  enable_key_rotation = true\n}")
ALIGNED = TIGHT.replace("description ", "description         ")


class Aligning:
    """Knows the one file of these tests."""

    def __init__(self, ragged: str = TIGHT, aligned: str = ALIGNED) -> None:
        self.known = {ragged.encode(): aligned.encode()}

    def formatted(self, text: bytes) -> bytes:
        return self.known.get(text, text)


class Missing:
    def formatted(self, text: bytes) -> bytes:
        del text
        raise ToolError("terraform was not found")


def fixed(folder: Path, formatter: Formatter | None, before: str = KEY, after: str = TIGHT, most: int = 50) -> Outcome:
    read = finding("CKV_AWS_7", "aws_kms_key.data")
    assert isinstance(read, Finding)
    fixer = Fixer(
        CATALOGUE,
        repository(folder, {"main.tf": before}),
        max_changed_lines=most,
        tools=Tools(formatter=formatter),
    )
    return judged(read, unsigned(render_diff([Edit("main.tf", before.encode(), after.encode())])), fixer)


def became(outcome: Outcome) -> tuple[str, str]:
    assert outcome.proposal is not None, outcome.reason
    (edit,) = outcome.proposal.verdict.edits
    said = next(stage.reason for stage in outcome.stages if stage.name is StageName.SYNTAX)
    assert edit.after.decode() in {TIGHT, ALIGNED} or "${" in edit.after.decode() or "#" in edit.after.decode()
    return edit.after.decode(), said


def test_a_file_that_was_laid_out_well_is_left_so(tmp_path: Path) -> None:
    outcome = fixed(tmp_path, Aligning())
    assert became(outcome) == (ALIGNED, "laid out as terraform fmt does")
    assert outcome.proposal is not None
    assert "+  description         = " in outcome.proposal.verdict.diff


def test_a_file_that_was_not_is_not_tidied_up(tmp_path: Path) -> None:
    aligning = Aligning()
    aligning.known[KEY.encode()] = b"# other\n"
    assert became(fixed(tmp_path, aligning)) == (TIGHT, "")


@pytest.mark.parametrize("formatter", [None, Aligning("", "")])
def test_what_is_well_laid_out_stays_as_it_is(tmp_path: Path, formatter: Formatter | None) -> None:
    assert became(fixed(tmp_path, formatter)) == (TIGHT, "")


def test_where_it_cannot_be_looked_at_that_is_said(tmp_path: Path) -> None:
    said = "whether it is laid out well was not looked at: terraform was not found"
    assert became(fixed(tmp_path, Missing())) == (TIGHT, said)


@pytest.mark.parametrize(
    "aligned", [ALIGNED.replace("true", "false"), f"# new\n{ALIGNED}", ALIGNED.replace("data", "d")]
)
def test_what_is_more_than_layout_is_left(tmp_path: Path, aligned: str) -> None:
    after, said = became(fixed(tmp_path, Aligning(aligned=aligned)))
    assert after == TIGHT
    assert "not only lay it out" in said


def test_layout_makes_no_fix_too_large(tmp_path: Path) -> None:
    assert became(fixed(tmp_path, Aligning(), most=1)) == (
        TIGHT,
        "laid out as terraform fmt does, it would be too many changed lines",
    )
