import json
from collections.abc import Mapping
from typing import cast

from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.sarif import applied, run_of

from iacfix.controls import load_catalogue
from iacfix.domain.finding import CloudResource, Finding, InvalidFinding, Severity
from iacfix.domain.location import Framework, Location
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import ALWAYS_ON, Accepted, StageOutcome, StageResult
from iacfix.entry.cli.sarif import replacements, sarif_log

PASSED = tuple(StageResult(name, StageOutcome.PASSED) for name in ALWAYS_ON)
PLACE = Location("a b/main.tf", "aws_kms_key.a", Framework.TERRAFORM, 0, 9, 3, 5, (), 1.0)
CATALOGUE = load_catalogue()
Replacements = list[Mapping[str, Mapping[str, object]]]
TEXT = st.lists(st.sampled_from(["a", "b", "c", "ä", ""]), max_size=8).map("\n".join)


def finding(severity: Severity = Severity.HIGH, title: str = "keys rotate", control: str = "") -> Finding:
    return Finding("checkov", "1", "CKV_AWS_7", title, CloudResource("", "aws_kms_key.a"), control, severity)


def proposed(edit: Edit, what: Finding | None = None) -> Outcome:
    proposal = Proposal(Candidate("d", "given", "why"), Accepted((edit,), "d", 1, PASSED))
    return Outcome(what or finding(), Status.PROPOSED, location=PLACE, proposal=proposal)


@example(before="\n", after="a\n\na", end="\n")  # two changes that would both begin at the one line there is
@given(before=TEXT, after=TEXT, end=st.sampled_from(["\n", "\r\n"]))
def test_replacements_lead_from_before_to_after(before: str, after: str, end: str) -> None:
    before, after = before.replace("\n", end), after.replace("\n", end)
    found = cast("Replacements", list(replacements(Edit("main.tf", before.encode(), after.encode()))))
    assert applied(before, found) == after


def test_a_weakness_in_the_code_is_a_result_and_everything_else_is_told() -> None:
    control = "kms-key-rotation"
    outcomes = [
        proposed(Edit("a b/main.tf", b"x = 1\n", b"x = 2\n"), finding(Severity.LOW, control=control)),
        Outcome(finding(Severity.CRITICAL, control=control), Status.UNSUPPORTED, "a person plans it", PLACE),
        Outcome(finding(), Status.NOT_LOCATED, "nobody knows where"),
        Outcome(InvalidFinding("checkov", 6, "check_id", "is missing"), Status.INVALID_FINDING, "no finding"),
        Outcome(finding(), Status.ALREADY_FIXED, "it is", PLACE),
    ]
    run = run_of(sarif_log(outcomes, CATALOGUE, "stacks/"))
    fixed, left = run["results"]
    assert [each["ruleId"] for each in run["results"]] == [control, control]
    assert (fixed["level"], left["level"]) == ("note", "error")
    assert "fixes" in fixed
    assert "fixes" not in left
    text = json.dumps(run)
    assert text.count("stacks/a%20b/main.tf") == 3  # two places, and the file that the fix changes
    assert '"security-severity": "9.5"' in text  # the worst that was said of the rule
    told = json.dumps(run["invocations"])
    assert "nobody knows where" in told
    assert "entry 7" in told


def test_nothing_of_a_finding_acts_in_a_viewer() -> None:
    bad = finding(title="[click](https://evil.example) {0} \x1b[2J AKIAIOSFODNN7EXAMPLE \u202e")
    (result,) = run_of(sarif_log([proposed(Edit("m.tf", b"a\n", b"b\n"), bad)], CATALOGUE))["results"]
    said = cast("Mapping[str, str]", result["message"])["text"]
    assert r"\[click\](https://evil.example) {{0}}" in said
    assert not {"\x1b", "\u202e"} & set(said)
    assert "AKIA" not in said


def test_a_fix_whose_lines_hold_a_secret_or_are_no_text_is_not_shown() -> None:
    secret = Edit("m.tf", b'a = 1\npassword = "hunter2-Zx81kq9Lw"', b'a = 1\npassword = "hunter2-Zx81kq9Lw"\nb = 2\n')
    for edit in (secret, Edit("m.tf", b"\xff\n", b"a\n")):
        text = sarif_log([proposed(edit)], CATALOGUE)
        (result,) = run_of(text)["results"]
        assert "fixes" not in result
        assert "hunter2" not in text
        assert "A fix was accepted" in text
