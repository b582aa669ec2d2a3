from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import Accepted, Rejected, Verdict
from iacfix.locators.locate import locate
from iacfix.patches import render_diff
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer

KNOWN = "arn:aws:kms:eu-west-1:111122223333:key/3f2504e0-4f89-11d3-9a0c-0305e82c3301"
CODE = f"""resource "aws_thing" "a" {{
  name = "a" # by {KNOWN.replace("111122223333", "444455556666")}
  size = 1
  rule {{
    port = 1
  }}
  rule {{
    port = 2
  }}
}}

resource "aws_thing" "b" {{
  key = "{KNOWN}"
}}
"""
CATALOGUE = load_catalogue()


def verdict_of(folder: Path, old: str, new: str) -> Verdict:
    """Of a check that the catalogue does not know."""
    fixer = Fixer(CATALOGUE, repository(folder, {"main.tf": CODE}))
    read = finding("CKV_AWS_9999", "aws_thing.a")
    assert isinstance(read, Finding)
    location = locate(read, fixer.repository)
    assert isinstance(location, Location)
    assert old in CODE
    after = CODE.replace(old, new, 1)
    diff = render_diff((Edit("main.tf", CODE.encode(), after.encode()),))
    return judge(Candidate(diff, "given"), fixer.case(None, location))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  size = 1\n", "  size =  1\n", "nothing that takes effect"),
        ("  size = 1\n", "  size = 1 # safe now\n", "nothing that takes effect"),
        ("  size = 1\n", "  # safe now\n  size = 1\n", "nothing that takes effect"),
        ("size = 1\n", f'size = 1\n  key = "{KNOWN.replace("1111", "2222")}"\n', "which nothing here knows"),
        ("size = 1\n", f'size = 1\n  key = "{KNOWN.replace("111122223333", "444455556666")}"\n', "only its owner"),
        ("size = 1\n", 'size = 1\n  owner = "444455556666"\n', "only its owner can know"),
        ("size = 1\n", 'size = 1\n  groups = ["sg-0a1b2c3d"]\n', "gives it to others"),
        ("size = 1\n", 'size = 1\n  image = "https://evil.example/x"\n', "which nothing here knows"),
        ("size = 1\n", 'size = 1\n  mail = "ops@evil.example"\n', "only its owner can know"),
        ("size = 1\n", 'size = 1\n  note = file("/etc/passwd")\n', "calls file, which shows what is kept elsewhere"),
        ("size = 1\n", 'size = 1\n  user_data = "x"\n', "user_data is changed"),
    ],
)
def test_what_no_recipe_can_vouch_for_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    verdict = verdict_of(tmp_path, old, new)

    assert isinstance(verdict, Rejected)
    assert (verdict.stage, said in verdict.reason) == ("hazards", True), verdict.reason


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("size = 1\n", "size = 2\n"),
        ("size = 1\n", f'size = 1\n  key = "{KNOWN}"\n'),
        ("size = 1\n", "size = 1\n  key = aws_thing.b.key\n"),
        ("size = 1\n", 'size = 1\n  policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"\n'),
        ("    port = 1\n  }\n  rule {\n    port = 2\n", "    port = 2\n  }\n  rule {\n    port = 1\n"),
    ],
)
def test_what_changes_something_with_what_is_known_passes(tmp_path: Path, old: str, new: str) -> None:
    assert isinstance(verdict_of(tmp_path, old, new), Accepted)
