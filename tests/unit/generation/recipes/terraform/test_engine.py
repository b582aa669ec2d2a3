from collections.abc import Mapping

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from iacfix.controls import load_catalogue
from iacfix.controls.catalogue_file import read_controls
from iacfix.domain.control import Control, Literal
from iacfix.domain.location import Framework, Location
from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined, Generated
from iacfix.generation.recipes import propose
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.patches import apply_patch, read_diff


def control(fix: object, *, targets: list[str] | None = None, companions: list[str] | None = None) -> Control:
    """A control of one recipe; `fix` is what stands under `fix:` in the catalogue."""
    entry = {
        "title": "A control for this test",
        "why": "It is here to be tested and for nothing else.",
        "risk": "low",
        "names": {"checkov": ["CKV_T_1"]},
        "terraform": {"targets": targets or ["aws_t"], "companions": companions or [], "fix": fix},
    }
    (found,) = read_controls("test.yaml", yaml.safe_dump({"service": "t", "controls": {"t-control": entry}}))
    return found


def run(
    fix: Control, text: str, *, others: Mapping[str, str] | None = None, defaults: Mapping[str, Literal] | None = None
) -> tuple[Generated, str]:
    """What is proposed for the first resource of the text, and the text after it."""
    files = {"main.tf": text, **(others or {})}
    documents = {path: TerraformDocument.read(path, each.encode()) for path, each in files.items()}
    block = next(each for each in documents["main.tf"].blocks if each.keyword == "resource")
    location = Location("main.tf", block.address, Framework.TERRAFORM, block.start, block.end, 1, 1, (), 1.0)
    generated = propose(fix, location, Module(documents, {}), defaults or {})
    if not isinstance(generated, Candidate):
        return generated, text
    (patch,) = read_diff(generated.diff)
    return generated, apply_patch(text.encode(), patch, within=(block.start, block.end)).decode()


def declined(*arguments: object, **keywords: object) -> str:
    generated, _ = run(*arguments, **keywords)  # type: ignore[arg-type] # handed on as it came
    assert isinstance(generated, Declined), generated
    return generated.reason


def block(*lines: str, kind: str = "aws_t") -> str:
    return "\n".join([f'resource "{kind}" "x" {{', *(f"  {line}" for line in lines), "}", ""])


SET = control([{"set": {"on": True}}])


@pytest.mark.parametrize(
    ("want", "present", "expected"),
    [
        (True, "on = false", "on = true"),
        (True, 'on = "true"', None),
        (True, "on = true", None),
        (True, "on = 1", "on = true"),
        (True, "on = null", "on = true"),
        ("a", 'on = "b"', 'on = "a"'),
        ({"at_least": 7}, "on = 1", "on = 7"),
        ({"at_least": 7}, 'on = "30"', None),
        ({"at_least": 7}, "on = true", "on = 7"),
        ({"at_most": 90}, "on = 0", "on = 90"),
        ({"at_most": 90}, "on = 60", None),
        ({"at_most": 90}, "on = 365", "on = 90"),
        ({"one_of": ["a", "b"]}, 'on = "b"', None),
        ({"one_of": ["a", "b"]}, 'on = "c"', 'on = "a"'),
        ({"includes": ["a", "b"]}, 'on = ["c", "a"]', 'on = ["c", "a", "b"]'),
        ({"includes": ["a"]}, 'on = ["a", "c"]', None),
        ({"setting": "key", "fallback": "k"}, 'on = "mine"', None),
        ({"setting": "key", "fallback": "k"}, 'on = ""', 'on = "k"'),
    ],
)
def test_a_value_is_changed_only_where_it_is_not_as_wanted(want: object, present: str, expected: str | None) -> None:
    generated, after = run(control([{"set": {"on": want}}]), block(present))
    if expected is None:
        assert isinstance(generated, AlreadyFixed)
    else:
        assert after == block(expected)


def test_a_value_that_only_the_user_knows_is_asked_for_by_name() -> None:
    fix = control([{"set": {"key": {"setting": "kms_key"}}}])
    assert "defaults: {kms_key: …}" in declined(fix, block())
    _, after = run(fix, block(), defaults={"kms_key": "alias/a"})
    assert after == block('key = "alias/a"')


@pytest.mark.parametrize("value", ["var.on", "local.on", "!var.off", "data.x.y.z"])
def test_a_value_that_is_not_known_is_not_overwritten(value: str) -> None:
    assert value in declined(SET, block(f"on = {value}"))


def test_what_holds_only_by_a_default_is_left_to_a_person() -> None:
    text = block("on = var.on") + 'variable "on" {\n  default = true\n}\n'
    assert "look at what is deployed" in declined(SET, text)


def test_a_default_that_is_wrong_is_named() -> None:
    assert "var.on" in declined(SET, block("on = var.on") + 'variable "on" {\n  default = false\n}\n')


ENSURE = control([{"steps": [{"ensure_block": "opts", "set": {"on": True}}]}])
OWNED = control(
    [{"steps": [{"ensure_block": "opts", "set": {"on": True}, "initially": [{"set": {"id": "i", "on": True}}]}]}]
)


def test_a_nested_block_is_made_or_mended() -> None:
    assert run(ENSURE, block())[1] == block("opts {", "  on = true", "}")
    assert run(ENSURE, block("opts {", "  on = false", "}"))[1] == block("opts {", "  on = true", "}")
    assert isinstance(run(ENSURE, block("opts {", "  on = true", "}"))[0], AlreadyFixed)


def test_a_nested_block_that_is_its_owners_is_made_or_judged_but_not_mended() -> None:
    assert run(OWNED, block())[1] == block("opts {", '  id = "i"', "  on = true", "}")
    assert isinstance(run(OWNED, block("opts {", "  on = true", "}"))[0], AlreadyFixed)
    assert "of its own" in declined(OWNED, block("opts {", "  on = false", "}"))
    assert "of its own" in declined(OWNED, block("opts {", "}"))


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (("on = [", '  "c", # kept', "]"), ("on = [", '  "c", # kept', '  "a",', '  "b",', "]")),
        (("on = [", '  "c",', '  "a"  # last', "]"), ("on = [", '  "c",', '  "a", # last', '  "b"', "]")),
        (("on = [", '  "a"', "  # none", "]"), ("on = [", '  "a",', '  "b"', "  # none", "]")),
        (('on = ["a",', '  "c"]'), ('on = ["a", "c", "b"]',)),
        (("on = [", "]"), ('on = ["a", "b"]',)),
    ],
)
def test_a_list_over_several_lines_keeps_its_lines(present: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert run(control([{"set": {"on": {"includes": ["a", "b"]}}}]), block(*present))[1] == block(*expected)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("opts {", "}", "opts {", "}"), "2 opts blocks"),
        (('dynamic "opts" {', "  for_each = []", "  content {}", "}"), "dynamic"),
        (("opts = []",), "as an attribute"),
    ],
)
def test_a_nested_block_that_cannot_be_judged_is_declined(lines: tuple[str, ...], said: str) -> None:
    assert said in declined(ENSURE, block(*lines))


def test_removing_takes_every_one() -> None:
    fix = control([{"steps": [{"remove": "rule"}, {"remove": "open"}]}])
    assert run(fix, block("a    = 1", "open = 2", "", "rule {", "}", "rule {", "}"))[1] == block("a    = 1")
    assert isinstance(run(fix, block("a = 1"))[0], AlreadyFixed)
    assert isinstance(run(fix, block("open = []"))[0], AlreadyFixed)
    assert "dynamic" in declined(fix, block('dynamic "rule" {', "  for_each = var.x", "  content {}", "}"))


COMPANION = control(
    [{"steps": [{"companion": "aws_c", "link": {"owner": "id"}, "set": {"on": True}}]}], companions=["aws_c"]
)
LINKED = 'resource "aws_c" "x" {\n  owner = aws_t.x.id\n  on    = true\n}\n'


def test_a_companion_follows_its_target() -> None:
    assert run(COMPANION, block())[1] == block() + "\n" + LINKED


def test_a_companion_that_is_there_is_mended_or_left() -> None:
    assert isinstance(run(COMPANION, block() + LINKED)[0], AlreadyFixed)
    assert run(COMPANION, block() + LINKED.replace("true", "false"))[1] == block() + LINKED


def test_a_companion_in_another_file_is_named_not_edited() -> None:
    assert isinstance(run(COMPANION, block(), others={"c.tf": LINKED})[0], AlreadyFixed)
    assert "c.tf:1" in declined(COMPANION, block(), others={"c.tf": LINKED.replace("true", "false")})


@pytest.mark.parametrize("owner", ["var.owner", "each.value", "local.owner"])
def test_a_companion_that_may_be_the_targets_is_declined(owner: str) -> None:
    assert "may belong" in declined(COMPANION, block(), others={"c.tf": LINKED.replace("aws_t.x.id", owner)})


def test_a_companion_of_something_else_is_no_companion() -> None:
    other = LINKED.replace("aws_t.x.id", "aws_t.y.id")
    _, after = run(COMPANION, block(), others={"c.tf": other})
    assert 'resource "aws_c" "x_2"' in after


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        ("count = 2", "  count = length(aws_t.x)\n\n  owner = aws_t.x[count.index].id\n"),
        ("for_each = var.all", "  for_each = aws_t.x\n\n  owner = each.value.id\n"),
    ],
)
def test_a_companion_exists_as_often_as_its_target(repeat: str, expected: str) -> None:
    assert expected in run(COMPANION, block(repeat))[1]


@pytest.mark.parametrize(
    ("when", "lines", "chosen"),
    [
        ({"attribute": "e", "equals": "a"}, ('e = "a"',), True),
        ({"attribute": "e", "equals": "a"}, ('e = "b"',), False),
        ({"attribute": "e", "equals": "a"}, (), False),
        ({"attribute": "e", "one_of": ["a", "b"]}, ('e = "b"',), True),
        ({"attribute": "e", "present": True}, ("e = var.x",), True),
        ({"attribute": "e", "present": False}, (), True),
        ({"attribute": "e.f", "present": True}, ("e {", "  f = 1", "}"), True),
        ({"attribute": "e", "not_matching": "^t2"}, ('e = "m5"',), True),
        ({"attribute": "e", "not_matching": "^t2"}, ('e = "t2.a"',), False),
        ({"attribute": "e", "written": "a"}, ('e = "a"',), True),
        ({"attribute": "e", "written": "a"}, ("e = var.e",), False),
        ({"attribute": "e", "written": "a"}, ("e {", "}"), False),
        ({"attribute": "e", "written": "a"}, (), False),
        ({"target": "aws_t"}, (), True),
        ({"target": "aws_u"}, (), False),
    ],
)
def test_a_variant_is_chosen_by_its_conditions(when: object, lines: tuple[str, ...], *, chosen: bool) -> None:
    fix = control([{"when": [when], "set": {"yes": True}}, {"decline": "this one was not the chosen one"}])
    generated, _ = run(fix, block(*lines))
    assert isinstance(generated, Candidate) is chosen


def test_a_condition_that_cannot_be_told_declines() -> None:
    fix = control([{"when": [{"attribute": "e", "equals": "a"}], "set": {"yes": True}}])
    assert "depends on e" in declined(fix, block("e = var.e"))
    assert "no safe change" in declined(fix, block('e = "b"'))


STYLE = control(
    [{"when": [{"style": "inline"}], "set": {"inline": True}}, {"set": {"separate": True}}], targets=["aws_s3_bucket"]
)


@pytest.mark.parametrize(
    ("version", "lines", "others", "style"),
    [
        ("~> 3.70", (), "", "inline"),
        ("< 4.0", (), "", "inline"),
        (">= 3.0, < 4", (), "", "inline"),
        ("3.76.1", (), "", "inline"),
        (">= 3.0", (), "", "separate"),
        ("~> 5.0", (), "", "separate"),
        ("~> 5.0", ('acl = "private"',), "", "inline"),
        ("~> 5.0", (), 'resource "aws_s3_bucket" "o" {\n  versioning {\n  }\n}\n', "inline"),
        ("~> 5.0", ('acl = "private"',), 'resource "aws_s3_bucket_versioning" "o" {\n}\n', "separate"),
    ],
)
def test_s3_is_written_as_the_provider_and_the_module_want_it(
    version: str, lines: tuple[str, ...], others: str, style: str
) -> None:
    versions = f'terraform {{\n  required_providers {{\n    aws = {{ version = "{version}" }}\n  }}\n}}\n'
    _, after = run(STYLE, block(*lines, kind="aws_s3_bucket"), others={"v.tf": versions, "o.tf": others})
    assert f"{style} = true" in after


def test_a_resource_of_another_type_is_declined() -> None:
    assert "not of aws_u" in declined(SET, block(kind="aws_u"))


def test_what_was_done_is_said_in_words() -> None:
    generated, _ = run(SET, block("on = false"))
    assert isinstance(generated, Candidate)
    assert generated.explanation == "Changes on of aws_t.x from false to true."


SHIPPED = load_catalogue()
DEFAULTS: Mapping[str, Literal] = {
    "kms_key": "alias/a",
    "kms_key_arn": "arn:aws:kms:eu-west-1:1:key/k",
    "log_bucket": "logs",
    "rds_monitoring_role_arn": "arn:aws:iam::1:role/m",
    "lambda_dead_letter_arn": "arn:aws:sqs:eu-west-1:1:q",
    "lambda_reserved_concurrency": 5,
}
LINES = (
    'acl = "public-read"',
    "publicly_accessible = true",
    'engine = "mysql"',
    "multi_az = var.m",
    "tags = {}",
    "count = 2",
    "versioning {\n    enabled = false\n  }",
    "metadata_options {\n  }",
    "# note",
    "",
    "monitoring = false",
)
attributes = st.sampled_from(LINES)


@settings(max_examples=200)
@given(st.sampled_from([each for each in SHIPPED if each.terraform is not None]), st.data())
def test_every_recipe_is_idempotent(shipped: Control, data: st.DataObject) -> None:
    assert shipped.terraform is not None
    target = data.draw(st.sampled_from(shipped.terraform.targets))
    lines = data.draw(st.lists(attributes, unique=True, max_size=4))
    text = block(*lines, kind=target)
    generated, after = run(shipped, text, defaults=DEFAULTS)
    if isinstance(generated, Candidate):
        assert after != text
        again, unchanged = run(shipped, after, defaults=DEFAULTS)
        assert isinstance(again, AlreadyFixed), again
        assert unchanged == after


def test_a_control_without_a_recipe_for_terraform_says_so() -> None:
    entry = {
        "title": "A control of templates",
        "why": "It is here to be tested and for nothing else.",
        "risk": "low",
        "names": {"checkov": ["CKV_T_1"]},
        "cloudformation": {"targets": ["A::B::C"], "fix": [{"set": {"On": True}}]},
    }
    (found,) = read_controls("test.yaml", yaml.safe_dump({"service": "t", "controls": {"t-control": entry}}))
    assert "no recipe for Terraform" in declined(found, block())
