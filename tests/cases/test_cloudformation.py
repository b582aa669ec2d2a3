"""What cfn-lint says of the cases' templates: nothing after a fix that it did not say before."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from cfnlint import api as cfnlint
from cfnlint import config
from tests.support import templates

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CASES = sorted(FIXTURES.glob("*--cfn-*"))
# Of those that change: the template before and after.
CHANGED = [
    (case / "before" / path.relative_to(case / "after"), path)
    for case in CASES
    for path in sorted((case / "after").rglob("*"))
    if path.is_file() and path.read_bytes() != (case / "before" / path.relative_to(case / "after")).read_bytes()
]


def complaints(paths: Iterable[Path]) -> Counter[str]:
    """Rule and message of everything that cfn-lint finds, without lines: those move."""
    text = templates.merged(path.read_text() for path in paths)
    # Two cases may give their resources the same name.
    found = cfnlint.lint(text, config=config.ManualArgs(regions=["eu-west-1"], ignore_checks=["E3019"]))
    return Counter(f"{each.rule.id} {each.path[1:2]} {each.message}" for each in found)


def groups() -> dict[str, list[tuple[Path, Path]]]:
    """What is said of a whole template parts them, and what `Globals` say alone stands alone."""
    found: dict[str, list[tuple[Path, Path]]] = {}
    for pair in CHANGED:
        template = templates.load(pair[0].read_text())
        name = pair[1].parent.parent.name if "Globals" in template else str(template.get("Transform", "plain"))
        found.setdefault(name, []).append(pair)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [pytest.param(pairs, id=name) for name, pairs in groups().items()])
def test_cfn_lint_finds_nothing_new_in_fixed_templates(pairs: list[tuple[Path, Path]]) -> None:
    before, after = (complaints(each) for each in zip(*pairs, strict=True))
    assert after - before == Counter()


def test_cfn_lint_would_find_it() -> None:
    """A property that does not exist, so that silence above means something."""
    text = templates.merged(
        ["Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties:\n      Encrypted: true\n"]
    )
    found = cfnlint.lint(text, config=config.ManualArgs(regions=["eu-west-1"]))
    assert [each.rule.id for each in found] == ["E3002"]


def test_there_are_changed_templates_in_both_notations() -> None:
    assert {path.suffix for _, path in CHANGED} >= {".yaml", ".json"}
