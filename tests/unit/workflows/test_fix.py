import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository
from tests.support.stages import passed_but_for_tools

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.control import Risk
from iacfix.domain.outcome import FIX_GENERATION_FAILED, Outcome, Status
from iacfix.domain.verdict import StageName, StageOutcome
from iacfix.generation.model.generator import ModelGenerator
from iacfix.testing.bedrock_script import Failure, Reply, Text, Timeout, ToolUse
from iacfix.testing.bedrock_server import ScriptedBedrock
from iacfix.workflows.fix import MAX_ATTEMPTS, Fixer, Generator

KEY = """resource "aws_kms_key" "data" {
  description = "data"
}

resource "aws_kms_key" "other" {
  description = "other"
}
"""
KNOWN = finding("CKV_AWS_7", "aws_kms_key.data")
UNKNOWN = finding("CKV_AWS_9999", "aws_kms_key.data")

GOOD = """Rotation is switched on.
```diff
--- a/main.tf
+++ b/main.tf
@@ -1,3 +1,4 @@
 resource "aws_kms_key" "data" {
   description = "data"
+  enable_key_rotation = true
 }
```
"""


def diff(*lines: str, path: str = "main.tf") -> str:
    return "\n".join(["```diff", f"--- a/{path}", f"+++ b/{path}", "@@ @@", *lines, "```"])


HEAD = ' resource "aws_kms_key" "data" {'
BODY = '   description = "data"'
NOT_ENOUGH = diff(HEAD, BODY, "+  enable_key_rotation = false", " }")
OTHER_RESOURCE = diff(
    ' resource "aws_kms_key" "other" {', '   description = "other"', "+  enable_key_rotation = true", " }"
)
DELETED = diff('-resource "aws_kms_key" "data" {', '-  description = "data"', "-}", "-")
SILENCED = diff(HEAD, "+  # checkov:skip=CKV_AWS_7: later", BODY, "+  enable_key_rotation = true", " }")
TOO_LONG = diff(HEAD, BODY, *[f"+  # {number}" for number in range(50)], "+  enable_key_rotation = true", " }")
COUNT_ZERO = diff(HEAD, "+  count = 0", BODY, "+  enable_key_rotation = true", " }")


def fixer(folder: Path, endpoint: str = "", generator: Generator = Generator.AUTO, text: str = KEY) -> Fixer:
    author = None
    if endpoint:
        model = BedrockModel(
            "test.model", region="us-east-1", connect_timeout=2, read_timeout=1, max_attempts=1, endpoint_url=endpoint
        )
        author = ModelGenerator(model, max_tokens=1000)
    return Fixer(load_catalogue(), repository(folder, {"main.tf": text}), generator, author)


def run(folder: Path, replies: Sequence[Reply], text: str = KEY) -> tuple[Outcome, list[str]]:
    """The outcome of the model path, and the bodies of what the model was sent."""
    with ScriptedBedrock(replies) as server:
        outcome = fixer(folder, server.endpoint_url, Generator.MODEL, text).fix(KNOWN)
        assert server.refusals == ()
        return outcome, [json.dumps(request.body) for request in server.requests]


def test_the_model_is_accepted_at_first(tmp_path: Path) -> None:
    outcome, sent = run(tmp_path, [Text(GOOD)])
    assert outcome.status is Status.PROPOSED
    assert (outcome.attempts, outcome.generator, len(sent)) == (1, "model:test.model", 1)
    assert outcome.proposal is not None
    assert (
        outcome.proposal.verdict.edits[0].after
        == KEY.replace('"data"\n}', '"data"\n  enable_key_rotation = true\n}').encode()
    )
    assert passed_but_for_tools(outcome.stages)
    assert outcome.proposal.candidate.explanation == "Rotation is switched on."


def test_the_model_is_accepted_at_third_after_two_different_rejections(tmp_path: Path) -> None:
    outcome, sent = run(tmp_path, [Text(OTHER_RESOURCE), Text(NOT_ENOUGH), Text(GOOD)])
    assert outcome.status is Status.PROPOSED
    assert outcome.attempts == 3
    assert len(outcome.usage) == 3
    assert "resource_scope" in sent[1]
    assert "aws_kms_key.other is changed" in sent[1]
    assert "stage: control" in sent[2]
    assert "resource_scope" in sent[2]


def test_the_model_fails_after_three_and_every_reason_is_kept(tmp_path: Path) -> None:
    outcome, sent = run(tmp_path, [Text(DELETED), Text(SILENCED), Text(TOO_LONG)])
    assert outcome.status is Status.GENERATION_FAILED
    assert (outcome.attempts, len(sent)) == (MAX_ATTEMPTS, MAX_ATTEMPTS)
    assert outcome.reason.startswith(FIX_GENERATION_FAILED)
    for part in ("attempt 1: hazards", "is deleted", "attempt 2: hazards", "look away", "attempt 3: size", "51 lines"):
        assert part in outcome.reason


@pytest.mark.parametrize(
    ("answer", "stage", "said"),
    [
        ("I would switch on rotation.", "parse", "no diff"),
        ("```diff\n```", "parse", "no diff"),
        (diff(HEAD, BODY, " }"), "parse", "change"),
        (diff(HEAD, '-  description = "data"', '+  description = "data"', " }"), "apply", "changes nothing"),
        (diff("-a = 1", "+a = 2", path="other.tf"), "apply", "other.tf"),
        (diff(HEAD, '   description = "date"', "+  enable_key_rotation = true", " }"), "apply", "main.tf"),
        (diff(HEAD, BODY, "+  enable_key_rotation = ", " }"), "apply", "does not parse"),
        (diff(HEAD, BODY, "+  enable_key_rotation = true", "+  enable_key_rotation = true", " }"), "syntax", "twice"),
        (OTHER_RESOURCE, "resource_scope", "aws_kms_key.other"),
        (DELETED, "hazards", "is deleted"),
        (SILENCED, "hazards", "look away"),
        (COUNT_ZERO, "hazards", "count of aws_kms_key.data is changed"),
        (TOO_LONG, "size", "51 lines"),
        (NOT_ENOUGH, "control", "enable_key_rotation"),
    ],
)
def test_what_a_model_may_not_do_is_refused_at_its_stage(tmp_path: Path, answer: str, stage: str, said: str) -> None:
    outcome, _ = run(tmp_path, [Text(answer)] * MAX_ATTEMPTS)
    assert outcome.status is Status.GENERATION_FAILED
    assert f"attempt 1: {stage}: " in outcome.reason
    assert said in outcome.reason


def test_a_hunk_that_fits_twice_is_refused(tmp_path: Path) -> None:
    text = KEY.replace('"data"\n}', '"data"\n\n  one {\n  }\n\n  two {\n  }\n}')
    outcome, _ = run(tmp_path, [Text(diff("   }", "+  enable_key_rotation = true"))] * MAX_ATTEMPTS, text)
    assert "attempt 1: apply: " in outcome.reason
    assert "lines 5 and 8" in outcome.reason or "5, 8" in outcome.reason


def test_an_answer_that_was_cut_off_is_an_attempt(tmp_path: Path) -> None:
    outcome, _ = run(tmp_path, [Text(GOOD[:60], stop="max_tokens"), Text(GOOD)])
    assert outcome.status is Status.PROPOSED
    assert outcome.attempts == 2


@pytest.mark.parametrize("reply", [Failure("ThrottlingException"), Failure("AccessDeniedException"), Timeout()])
def test_no_answer_is_no_attempt(tmp_path: Path, reply: Reply) -> None:
    outcome, _ = run(tmp_path, [reply])
    assert outcome.status is Status.GENERATION_FAILED
    assert outcome.attempts == 0
    assert "the model gave no answer" in outcome.reason


def test_an_answer_that_cannot_be_judged_is_counted_with_what_it_cost(tmp_path: Path) -> None:
    outcome, _ = run(tmp_path, [ToolUse(["x"]), Text("", stop="content_filtered")])
    assert outcome.attempts == 1
    assert [call.input_tokens for call in outcome.usage] == [1_200, 1_200]
    assert all(call.estimated_input_tokens > 1_000 for call in outcome.usage)


@pytest.mark.parametrize(
    ("answers", "final"),
    [
        ([NOT_ENOUGH, SILENCED], True),
        ([TOO_LONG, OTHER_RESOURCE], True),
        ([OTHER_RESOURCE, SILENCED], True),
        (["no diff", NOT_ENOUGH, SILENCED], True),
        ([SILENCED, NOT_ENOUGH, DELETED], False),
        (["no diff", OTHER_RESOURCE, OTHER_RESOURCE], False),
    ],
)
def test_a_retry_that_brings_harm_of_a_new_kind_is_the_last(tmp_path: Path, answers: list[str], *, final: bool) -> None:
    outcome, sent = run(tmp_path, [Text(each) for each in answers])
    assert outcome.status is Status.GENERATION_FAILED
    assert outcome.reason.startswith(FIX_GENERATION_FAILED)
    assert (outcome.attempts, len(sent)) == (len(answers), len(answers))
    assert ("a new kind of violation" in outcome.reason) is final


def test_a_retry_after_one_that_could_not_be_read_may_be_followed_by_another(tmp_path: Path) -> None:
    outcome, _ = run(tmp_path, [Text("no diff"), Text(SILENCED), Text(GOOD)])
    assert outcome.status is Status.PROPOSED
    assert outcome.attempts == 3


@pytest.mark.parametrize(("claimed", "shown"), [("low", Risk.MODERATE), ("high", Risk.HIGH)])
def test_a_model_can_raise_the_risk_and_not_lower_it(tmp_path: Path, claimed: str, shown: Risk) -> None:
    catalogue = load_catalogue()
    known = catalogue.get("kms-key-rotation")
    assert known is not None
    others = tuple(each for each in catalogue if each.id != known.id)
    filled = {
        "diff": GOOD.split("```")[1].removeprefix("diff\n"),
        "explanation": "x",
        "assumptions": ["nobody pins a key version"],
        "breaking_change_risk": claimed,
    }
    with ScriptedBedrock([ToolUse(filled)]) as server:
        there = fixer(tmp_path, server.endpoint_url, Generator.MODEL)
        there = replace(there, catalogue=Catalogue((*others, replace(known, risk=Risk.MODERATE))))
        outcome = there.fix(KNOWN)
    assert outcome.proposal is not None, outcome.reason
    assert outcome.proposal.risk is shown
    assert outcome.proposal.candidate.assumptions == ("nobody pins a key version",)


def test_no_secret_reaches_the_model_and_the_file_keeps_it(tmp_path: Path) -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"
    text = KEY.replace('= "data"', f'= "data {secret}"')
    outcome, sent = run(tmp_path, [Text(GOOD.replace('= "data"\n', '= "data IACFIX_SECRET_1"\n'))], text)
    assert secret not in sent[0]
    assert "IACFIX_SECRET_1" in sent[0]
    assert outcome.status is Status.PROPOSED
    assert outcome.proposal is not None
    assert secret.encode() in outcome.proposal.verdict.edits[0].after


def test_a_recipe_goes_before_the_model(tmp_path: Path) -> None:
    with ScriptedBedrock([]) as server:
        outcome = fixer(tmp_path, server.endpoint_url).fix(KNOWN)
        assert server.requests == ()
    assert outcome.generator == "recipe:kms-key-rotation"
    assert outcome.status is Status.PROPOSED


def test_the_model_takes_what_the_recipe_declines(tmp_path: Path) -> None:
    text = KEY.replace('"data"\n', '"data"\n  key_usage = var.usage\n')
    answer = GOOD.replace('"data"\n', '"data"\n   key_usage = var.usage\n')
    with ScriptedBedrock([Text(answer)]) as server:
        outcome = fixer(tmp_path, server.endpoint_url, text=text).fix(KNOWN)
    assert outcome.status is Status.PROPOSED
    assert outcome.generator == "model:test.model"
    control = next(stage for stage in outcome.stages if stage.name is StageName.CONTROL)
    assert control.outcome is StageOutcome.SKIPPED
    assert "key_usage" in control.reason


def test_the_model_may_fix_what_the_catalogue_does_not_know(tmp_path: Path) -> None:
    with ScriptedBedrock([Text(GOOD)]) as server:
        outcome = fixer(tmp_path, server.endpoint_url).fix(UNKNOWN)
    assert outcome.status is Status.PROPOSED
    control = next(stage for stage in outcome.stages if stage.name is StageName.CONTROL)
    assert control.outcome is StageOutcome.SKIPPED


def test_what_no_code_declares_is_not_put_to_a_model(tmp_path: Path) -> None:
    read = replace(finding("IAM.3", "aws_kms_key.data"), source="security_hub")
    with ScriptedBedrock([Text(GOOD)]) as server:
        outcome = fixer(tmp_path, server.endpoint_url).fix(read)
        assert server.requests == ()
    assert outcome.status is Status.UNSUPPORTED
    assert "about nothing that code could change: access keys" in outcome.reason


@pytest.mark.parametrize("generator", [Generator.AUTO, Generator.RECIPE])
def test_without_a_model_an_unknown_check_is_unsupported_up_front(tmp_path: Path, generator: Generator) -> None:
    outcome = fixer(tmp_path, generator=generator).fix(UNKNOWN)
    assert outcome.status is Status.UNSUPPORTED
    assert "CKV_AWS_9999" in outcome.reason


def test_an_unknown_check_is_told_the_nearest_control_by_its_title(tmp_path: Path) -> None:
    read = finding("CKV_AWS_9999", "aws_kms_key.data", title="Ensure the KMS key is rotated every year")
    assert "kms-key-rotation" in fixer(tmp_path).fix(read).reason


def test_what_is_right_already_is_left_alone(tmp_path: Path) -> None:
    text = KEY.replace('"data"\n', '"data"\n  enable_key_rotation = true\n')
    outcome = fixer(tmp_path, text=text).fix(KNOWN)
    assert outcome.status is Status.ALREADY_FIXED


@pytest.mark.parametrize("compose", [True, False])
def test_findings_of_one_file_build_on_each_other_or_on_the_base(tmp_path: Path, *, compose: bool) -> None:
    repo = repository(tmp_path, {"main.tf": KEY})
    both = Fixer(load_catalogue(), repo, compose=compose)
    first, second = both.fix(KNOWN), both.fix(finding("CKV_AWS_7", "aws_kms_key.other", lines=(5, 7)))
    assert first.proposal is not None
    assert second.proposal is not None
    before = first.proposal.verdict.edits[0].after if compose else KEY.encode()
    assert second.proposal.verdict.edits[0].before == before


@pytest.mark.parametrize("path", ["../outside.tf", "/etc/passwd.tf", "link.tf", "a\x00b.tf"])
def test_a_path_that_leaves_the_repository_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.tf").write_text(KEY)
    inside = tmp_path / "repo"
    inside.mkdir()
    (inside / "link.tf").symlink_to(tmp_path / "outside.tf")
    outcome = Fixer(load_catalogue(), repository(inside, {"main.tf": KEY})).fix(
        finding("CKV_AWS_7", "aws_kms_key.data", path)
    )
    assert outcome.status is Status.NOT_LOCATED
    assert outcome.reason


def test_a_file_that_does_not_parse_stops_its_own_findings_only(tmp_path: Path) -> None:
    files = {"main.tf": KEY, "broken.tf": 'resource "aws_kms_key" "b" {\n  x = \n}\n'}
    both = Fixer(load_catalogue(), repository(tmp_path, files))
    assert both.fix(KNOWN).status is Status.PROPOSED
    broken = both.fix(finding("CKV_AWS_7", "aws_kms_key.b", "broken.tf"))
    assert broken.status is Status.NOT_LOCATED
    assert "broken.tf" in broken.reason
    assert "does not parse" in broken.reason


@pytest.mark.parametrize(("generator", "asked"), [(Generator.AUTO, 0), (Generator.MODEL, 1)])
def test_a_model_is_not_asked_for_what_no_author_changes(tmp_path: Path, generator: Generator, asked: int) -> None:
    with ScriptedBedrock([Text(GOOD), Text(GOOD)]) as server:
        strict = replace(fixer(tmp_path, server.endpoint_url, generator), required=frozenset({StageName.PLAN}))
        outcome = strict.fix(KNOWN)
        assert len(server.requests) == asked
    assert (outcome.status, outcome.attempts) == (Status.GENERATION_FAILED, 1)
    assert "plan: the configuration requires it, and no plan is configured" in outcome.reason
