"""Recipes and assertions are written apart; whatever stands there, they come to the same."""

import json
from collections.abc import Iterable, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from iacfix.controls import load_catalogue
from iacfix.domain.control import EnsureBlock, Literal, Remove, SetAttribute, Step
from iacfix.domain.location import Framework, Location
from iacfix.domain.proposal import AlreadyFixed, Candidate
from iacfix.generation.recipes import propose
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.patches import apply_patch, read_diff
from iacfix.validators.assertions.truth import Answer, Truth
from iacfix.validators.cloudformation import reading as of_templates
from iacfix.validators.terraform import reading as of_terraform

SHIPPED = load_catalogue()
TERRAFORM = [each for each in SHIPPED if each.terraform is not None and each.terraform.has_recipe]
TEMPLATES = [each for each in SHIPPED if each.cloudformation is not None and each.cloudformation.has_recipe]
DEFAULTS: Mapping[str, Literal] = {
    "kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/1",
    "log_bucket": "logs",
    "lambda_reserved_concurrency": 10,
    "web_acl_arn": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/1",
    "admin_cidrs": ("192.0.2.0/24",),
}
HIGH, WRONG = {Truth.YES, Truth.ASSUMED}, {Truth.NO, Truth.UNKNOWN}


def hold_together(proposed: object, before: Answer, after: Answer | None) -> None:
    """A recipe that has something to do, has nothing left to do, or cannot tell."""
    if isinstance(proposed, Candidate):
        assert before.truth in WRONG, before
        assert after is not None
        assert after.truth in HIGH, after.reason
    elif isinstance(proposed, AlreadyFixed):
        assert before.truth in HIGH, before.reason


def literals(step: SetAttribute) -> tuple[Literal, ...]:
    want = step.want
    right = (
        *want.one_of,
        *want.includes,
        *((want.equals,) if isinstance(want.equals, str | int | bool | tuple) else ()),
    )
    return (*right, True, False, 0, 7, 400, "a", "")


def hcl(value: object) -> str:
    """YAML reads it too."""
    return json.dumps(value, default=lambda entries: dict(entries.items))


@st.composite
def lines(draw: st.DrawFn, steps: Iterable[Step]) -> list[str]:
    """What the steps speak of, in any state."""
    found: dict[str, list[str]] = {}
    for step in steps:
        match step:
            case SetAttribute(attribute) if "." not in attribute:
                value = st.sampled_from(list(map(hcl, literals(step)))) | st.sampled_from(
                    ["var.on", "var.free", "[]", '["a"]', "null"]
                )
                found[attribute] = [f"{attribute} = {draw(value)}"] if draw(st.booleans()) else []
            case EnsureBlock(block, within, initially):
                inner = [draw(lines((*within, *initially))) for _ in range(draw(st.integers(0, 2)))]
                found[block] = [line for each in inner for line in (f"{block} {{", *each, "}")]
            case Remove(name):
                found[name] = draw(st.sampled_from([[], [f'{name} = "a"'], [f"{name} {{", "}"]]))
            case _:
                pass
    return [line for each in found.values() for line in each]


@settings(max_examples=120)
@given(st.data())
def test_terraform(data: st.DataObject) -> None:
    shipped = data.draw(st.sampled_from(TERRAFORM))
    fix = shipped.terraform
    assert fix is not None
    target = data.draw(st.sampled_from(fix.targets))
    steps = data.draw(st.sampled_from([variant.steps for variant in fix.variants if variant.steps]))
    body = data.draw(lines(steps))
    tail = 'variable "on" {\n  default = true\n}\n\nvariable "free" {}\n'
    text = "\n".join([f'resource "{target}" "x" {{', *body, "}", "", tail])
    document = TerraformDocument.read("main.tf", text.encode())
    (block,) = document.by_address[f"{target}.x"]
    place = Location("main.tf", block.address, Framework.TERRAFORM, block.start, block.end, 1, 1, (), 1.0)
    module = Module({"main.tf": document}, {})
    proposed = propose(shipped, place, module, DEFAULTS)
    after = None
    if isinstance(proposed, Candidate):
        (patch,) = read_diff(proposed.diff)
        changed = apply_patch(text.encode(), patch, within=(block.start, block.end))
        fixed = module.with_document(TerraformDocument.read("main.tf", changed))
        after = of_terraform.holds(shipped, fixed, block.address, DEFAULTS)
    hold_together(proposed, of_terraform.holds(shipped, module, block.address, DEFAULTS), after)


VALUES = ["true", "false", "''", "a", "7", "0", "[]", "[a]", "{}", "{A: b}", "[{A: b}]", "!Ref P", "!Ref On", "null"]
CHOICES = ["!Ref AWS::NoValue", "!If [C, true, false]", "!If [C, a, !Ref AWS::NoValue]"]
HEAD = """\
Parameters:
  P: {Type: String}
  On: {Type: String, Default: 'true', AllowedValues: ['true', 'false']}
Conditions:
  C: !Equals [!Ref P, a]
Resources:
  X:
    Type: %s
    Properties:
      O: 1
"""


def names(steps: Iterable[Step]) -> set[str]:
    found = {step.attribute for step in steps if isinstance(step, SetAttribute)}
    found |= {step.name for step in steps if isinstance(step, Remove)}
    return {each for each in found if '"' not in each} | {
        step.block.removesuffix("[]") for step in steps if isinstance(step, EnsureBlock) and '"' not in step.block
    }


@settings(max_examples=120)
@given(st.data())
def test_templates(data: st.DataObject) -> None:
    shipped = data.draw(st.sampled_from(TEMPLATES))
    fix = shipped.cloudformation
    assert fix is not None
    kind = data.draw(st.sampled_from(fix.targets))
    steps = data.draw(st.sampled_from([variant.steps for variant in fix.variants if variant.steps]))
    wanted = {step.attribute: list(map(hcl, literals(step))) for step in steps if isinstance(step, SetAttribute)}
    found: dict[str, str] = {}
    for path in sorted(names(steps)):
        if data.draw(st.booleans()):
            depth = data.draw(st.integers(1, path.count(".") + 1))
            value = data.draw(st.sampled_from([*wanted.get(path, []), *VALUES, *CHOICES]))
            first, *inner = path.split(".")[:depth]
            found[first] = "".join(f"{{{name}: " for name in inner) + value + "}" * len(inner)
    text = HEAD % kind + "".join(f"      {name}: {value}\n" for name, value in found.items())
    document = CloudFormationDocument.read("t.yaml", text.encode())
    own = document.resources["X"]
    place = Location("t.yaml", own.address, Framework.CLOUDFORMATION, own.start, own.end, 1, 1, (), 1.0)
    proposed = propose(shipped, place, document, DEFAULTS)
    after = None
    if isinstance(proposed, Candidate):
        (patch,) = read_diff(proposed.diff)
        changed = apply_patch(text.encode(), patch, within=(own.start, own.end))
        after = of_templates.holds(shipped, CloudFormationDocument.read("t.yaml", changed), "X", DEFAULTS)
    hold_together(proposed, of_templates.holds(shipped, document, "X", DEFAULTS), after)
