"""Predicates over resources of both languages."""

import json
from collections.abc import Mapping
from functools import cache

import pytest
import yaml

from iacfix.controls.catalogue_file import read_controls
from iacfix.domain.control import Control, Literal
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.validators.assertions.truth import Answer, Truth
from iacfix.validators.cloudformation import reading as of_templates
from iacfix.validators.terraform import reading as of_terraform

YES, ASSUMED, UNKNOWN, NO = Truth.YES, Truth.ASSUMED, Truth.UNKNOWN, Truth.NO


LANGUAGES = {"terraform": ["aws_t", "aws_u"], "cloudformation": ["A::B::T", "A::B::U"]}


@cache
def _control(language: str, asserts: str) -> Control:
    fix = [{"decline": "it is for its owner to say"}]
    entry = {
        "title": "A control for this test",
        "why": "It is here to be tested and for nothing else.",
        "risk": "low",
        "names": {"checkov": ["CKV_T_1"]},
        language: {"targets": LANGUAGES[language], "fix": fix, "assert": json.loads(asserts)},
    }
    (found,) = read_controls("t.yaml", yaml.safe_dump({"service": "t", "controls": {"t-control": entry}}))
    return found


def control(asserts: object, language: str = "terraform") -> Control:
    """A control that is left to people; `asserts` is what stands under `assert:`."""
    return _control(language, json.dumps(asserts))


def of(asserts: object, *lines: str, more: str = "", defaults: Mapping[str, Literal] | None = None) -> Answer:
    """Of the resource aws_t.x with these lines in it."""
    text = "\n".join(['resource "aws_t" "x" {', *lines, "}", more])
    module = Module({"main.tf": TerraformDocument.read("main.tf", text.encode())}, {})
    return of_terraform.holds(control(asserts), module, "aws_t.x", defaults or {})


HEAD = """\
Parameters:
  P: {Type: String}
  On: {Type: String, Default: 'true'}
  Truth: {Type: String, AllowedValues: ['true', true]}
Conditions:
  C: !Equals [!Ref P, a]
Resources:
  X:
    Type: A::B::T
"""


def in_template(asserts: object, *lines: str, more: str = "", head: str = HEAD) -> Answer:
    """Of the resource X with these lines among its properties."""
    text = head + "".join(["    Properties:\n", "      O: 1\n", *(f"      {line}\n" for line in lines), more])
    return of_templates.holds(
        control(asserts, "cloudformation"), CloudFormationDocument.read("t.yaml", text.encode()), "X", {}
    )


def holds(*predicates: object) -> list[object]:
    return [{"holds": list(predicates)}]


ON = [{"is": {"on": True}}]
LOCALS = 'locals {\n  yes = true\n}\nvariable "on" {\n  default = true\n}\nvariable "off" {\n  default = false\n}\nvariable "free" {}'


@pytest.mark.parametrize(
    ("line", "truth", "said"),
    [
        ("on = true", YES, ""),
        ('on = "true"', YES, ""),
        ("on = false", NO, "aws_t.x.on is `false` (wanted: `true`)"),
        ("", NO, "aws_t.x.on is not written (wanted: `true`)"),
        ("on = null", NO, "aws_t.x.on is not written (wanted: `true`)"),
        ("on = local.yes", ASSUMED, "aws_t.x.on is `local.yes`, which is `true` as the code stands"),
        ("on = var.on", ASSUMED, "aws_t.x.on is `var.on`, which is `true` as the code stands"),
        ("on = var.off", UNKNOWN, "aws_t.x.on is `var.off`, which is `false` as the code stands (wanted: `true`)"),
        ("on = var.free", UNKNOWN, "aws_t.x.on is `var.free` (wanted: `true`)"),
        ("on = aws_u.y.on", UNKNOWN, "aws_t.x.on is `aws_u.y.on` (wanted: `true`)"),
    ],
)
def test_an_attribute(line: str, truth: Truth, said: str) -> None:
    assert of(ON, line, more=LOCALS) == Answer(truth, said)


@pytest.mark.parametrize(
    ("line", "truth", "said"),
    [
        ("on: true", YES, ""),
        ("on: 'true'", YES, ""),
        ("on: !If [C, true, 'true']", YES, ""),
        ("on: !Ref Truth", YES, ""),
        ("on: false", NO, "Resources.X.on is `false` (wanted: `true`)"),
        ("on: !Ref AWS::NoValue", NO, "Resources.X.on is not written (wanted: `true`)"),
        ("on: !If [C, false, 0]", NO, "Resources.X.on is different by what is chosen (wanted: `true`)"),
        ("on: !If [C, true, false]", UNKNOWN, "Resources.X.on is different by what is chosen (wanted: `true`)"),
        ("on: !Ref On", ASSUMED, "Resources.X.on is the parameter On, `true` as the code stands"),
        ("on: !Ref P", UNKNOWN, "Resources.X.on is the parameter P (wanted: `true`)"),
        ("on: !GetAtt Y.On", UNKNOWN, "Resources.X.on is not known before deployment (wanted: `true`)"),
    ],
)
def test_a_property(line: str, truth: Truth, said: str) -> None:
    found = in_template(ON, line)
    assert found.truth is truth
    assert said == found.reason or "!If" in line


@pytest.mark.parametrize(
    ("predicate", "right", "wrong"),
    [
        ({"is": {"n": {"at_least": 7}}}, ["7", "8", '"9"'], ["6", '"a"', "true", "[]"]),
        ({"is": {"n": {"at_most": 9}}}, ["9", "1"], ["0", "10"]),
        ({"is": {"n": {"one_of": ["a", "b"]}}}, ['"a"', '"b"'], ['"c"', "[]"]),
        ({"is": {"n": {"includes": ["a"]}}}, ['["b", "a"]'], ['["b"]', '"a"', "[]"]),
        ({"is": {"n": ["a", "b"]}}, ['["a", "b"]'], ['["b", "a"]', '["a"]', '"a"']),
        ({"is": {"n": {"setting": "s"}}}, ['"a"', "0", "false"], ['""', "[]"]),
        ({"is": {"n": {"at_least": {"setting": "days", "fallback": 5}}}}, ["7"], ["6"]),
        ({"is": {"n": "2"}}, ['"2"'], ["2"]),
        ({"present": "n"}, ['"a"', "0"], ['""', "[]"]),
        ({"absent": "n"}, ["null", "[]"], ['"a"', "0"]),
        ({"excludes": {"n": ["a", "b"]}}, ['"c"', '["c"]', "[]", "null"], ['"a"', '["c", "b"]']),
        ({"any_of": [{"is": {"n": 1}}, {"is": {"n": 2}}]}, ["1", "2"], ["3"]),
        ({"all_of": [{"present": "n"}, {"excludes": {"n": [1]}}]}, ["2"], ["1", "null"]),
    ],
)
def test_each_predicate_about_values(predicate: object, right: list[str], wrong: list[str]) -> None:
    """In both languages; a list and a text look alike in them."""
    for values, truth in ((right, YES), (wrong, NO)):
        for value in values:
            found = of(holds(predicate), f"n = {value}", defaults={"days": 7})
            assert found.truth is truth, (value, found)
            if not isinstance(predicate, dict) or "setting" not in str(predicate):
                assert in_template(holds(predicate), f"n: {value}").truth is truth, value


def test_what_is_not_known_is_no_proof() -> None:
    assert of(holds({"excludes": {"n": ["a"]}}), 'n = ["b", var.free]', more=LOCALS).truth is UNKNOWN
    assert of(holds({"is": {"n": {"includes": ["a"]}}}), 'n = ["b", var.free]', more=LOCALS).truth is UNKNOWN
    assert of(holds({"is": {"n": {"includes": ["a"]}}}), 'n = ["a", var.free]', more=LOCALS).truth is YES
    assert of([{"is": {"n": {"at_least": {"setting": "days"}}}}], "n = 7").truth is UNKNOWN
    assert in_template(holds({"present": "n"}), "n: !Ref P").truth is ASSUMED
    assert in_template(ON, "'Fn::Transform': {Name: Include}").truth is UNKNOWN


EACH = holds({"each": "b", "is": {"on": True}})
ANY = holds({"any": "b", "is": {"on": True}})
RIGHT, WRONG = "b {\n on = true\n}", "b {\n on = false\n}"


@pytest.mark.parametrize(
    ("asserts", "lines", "truth", "said"),
    [
        (EACH, [RIGHT], YES, ""),
        (EACH, [RIGHT, RIGHT], YES, ""),
        (EACH, [RIGHT, WRONG], NO, "aws_t.x.b (line 5).on is `false`"),
        (EACH, [], NO, "aws_t.x has no b"),
        (ANY, [RIGHT, WRONG], YES, ""),
        (ANY, [WRONG, WRONG], NO, "aws_t.x.b (line 2).on is `false`"),
        (EACH, ['dynamic "b" {\n for_each = var.b\n content {}\n}'], UNKNOWN, "made by a dynamic block"),
        (EACH, ["b = [{ on = true }]"], UNKNOWN, "written as an attribute"),
        (holds({"absent": "b"}), [RIGHT], NO, "aws_t.x.b is a block (wanted: not written)"),
        (holds({"absent": "b"}), [], YES, ""),
        ([{"is": {"b.on": True}}], [RIGHT, WRONG], UNKNOWN, "`true` and `false`"),
        ([{"is": {"b.c.on": True}}], ["b {\n c {\n on = true\n }\n}"], YES, ""),
        (holds({"each": "b.c"}), [RIGHT], NO, "has no b.c"),
    ],
)
def test_nested_blocks(asserts: object, lines: list[str], truth: Truth, said: str) -> None:
    found = of(asserts, *lines)
    assert (found.truth, said in found.reason) == (truth, True), found


ITEMS = holds({"each": "A.B[]", "is": {"On": True}})


@pytest.mark.parametrize(
    ("asserts", "line", "truth", "said"),
    [
        (ITEMS, "A: {B: [{On: true}, {On: true}]}", YES, ""),
        (ITEMS, "A: {B: [{On: true}, {On: false}]}", NO, "Resources.X.A.B[1].On is `false`"),
        (holds({"any": "A.B[]", "is": {"On": True}}), "A: {B: [{On: true}, {On: false}]}", YES, ""),
        (ITEMS, "A: {B: []}", NO, "Resources.X has no A.B[]"),
        (ITEMS, "A: {B: !Ref P}", UNKNOWN, "not written out as a list"),
        (ITEMS, "A: {B: [!If [C, {On: true}, {On: false}]]}", UNKNOWN, "not written out as a mapping"),
        (ITEMS, "A: !GetAtt Y.A", UNKNOWN, "is not known before deployment"),
        (holds({"each": "A", "is": {"On": True}}), "A: {On: true}", YES, ""),
        (holds({"each": "A", "is": {"On": True}}), "A: text", UNKNOWN, "not written out as a mapping"),
        ([{"is": {'A."b.c"': 1}}], "A: {b.c: 1}", YES, ""),
        ([{"is": {"A": {"has": {"K": True}}}}], "A: {K: true, L: 1}", YES, ""),
        ([{"is": {"A": {"has": {"K": True}}}}], "A: {L: 1}", NO, ""),
    ],
)
def test_items_and_mappings(asserts: object, line: str, truth: Truth, said: str) -> None:
    found = in_template(asserts, line)
    assert (found.truth, said in found.reason) == (truth, True), found


BESIDE = holds({"beside": "aws_u", "link": {"t": "id"}, "is": {"on": True}})


def beside(*lines: str) -> str:
    return "\n".join(['resource "aws_u" "y" {', *lines, "}"])


@pytest.mark.parametrize(
    ("more", "truth", "said"),
    [
        (beside("t = aws_t.x.id", "on = true"), YES, ""),
        (beside("t = aws_t.x.id", "on = false"), NO, "aws_u.y.on is `false`"),
        (beside("t = aws_t.other.id", "on = true"), NO, "there is no aws_u that refers to aws_t.x"),
        ("", NO, "there is no aws_u that refers to aws_t.x"),
        (beside("t = var.free", "on = true"), UNKNOWN, "whether aws_u.y belongs to aws_t.x is not known"),
        (beside("t = aws_t.x.arn", "on = true"), UNKNOWN, "whether aws_u.y belongs"),
        (beside("count = 0", "t = aws_t.x.id", "on = true"), UNKNOWN, "whether aws_u.y belongs"),
        (beside("t = aws_t.x.id") + "\n" + beside("t = aws_t.x.id").replace('"y"', '"z"'), UNKNOWN, "both refer"),
    ],
)
def test_a_companion(more: str, truth: Truth, said: str) -> None:
    found = of(BESIDE, more=more)
    assert (found.truth, said in found.reason) == (truth, True), found


def test_a_companion_may_stand_where_it_cannot_be_read() -> None:
    document = TerraformDocument.read("main.tf", b'resource "aws_t" "x" {}')
    module = Module({"main.tf": document}, {}, unread=("broken.tf: not HCL",))
    found = of_terraform.holds(control(BESIDE), module, "aws_t.x", {})
    assert (found.truth, found.reason) == (UNKNOWN, "a aws_u may stand in broken.tf: not HCL")


IN_TEMPLATE = holds({"beside": "A::B::U", "link": {"T": "Ref"}, "is": {"On": True}})


@pytest.mark.parametrize(
    ("more", "truth", "said"),
    [
        ("  Y: {Type: A::B::U, Properties: {T: !Ref X, On: true}}\n", YES, ""),
        ("  Y: {Type: A::B::U, Properties: {T: !Sub '${X}', On: true}}\n", YES, ""),
        ("  Y: {Type: A::B::U, Properties: {T: !Ref X, On: false}}\n", NO, "Resources.Y.On is `false`"),
        ("", NO, "there is no A::B::U that refers to Resources.X"),
        ("  Y: {Type: A::B::U, Condition: C, Properties: {T: !Ref X, On: true}}\n", UNKNOWN, "is not known"),
        ("  Y: {Type: A::B::U, Properties: {T: !Ref P, On: true}}\n", UNKNOWN, "is not known"),
        ("  Y: {Type: A::B::U, Properties: {T: !If [C, !Ref X, !Ref P], On: true}}\n", UNKNOWN, "is not known"),
        ("  Fn::ForEach::L: [N, [a], {'P${N}': {Type: A::B::U}}]\n", UNKNOWN, "may be made by Fn::ForEach::L"),
    ],
)
def test_a_companion_in_a_template(more: str, truth: Truth, said: str) -> None:
    found = in_template(IN_TEMPLATE, more=more)
    assert (found.truth, said in found.reason) == (truth, True), found


PORT = {
    "close": "rule", "port": 22, "range": ["first", "last"], "protocol": "how",
    "open": {"from": ["0.0.0.0/0"], "from6": ["::/0"]}, "where": {"action": "allow"},
}  # fmt: skip


def rule(
    first: object = 22, last: object = 22, how: str = "tcp", source: str = '["0.0.0.0/0"]', action: str = "allow"
) -> str:
    return f'rule {{\n first = {first}\n last = {last}\n how = "{how}"\n from = {source}\n action = "{action}"\n}}'


@pytest.mark.parametrize(
    ("line", "truth"),
    [
        (rule(), NO),
        (rule(0, 65535), NO),
        (rule(20, 30), NO),
        (rule(how="-1"), NO),
        (rule(how="udp"), NO),
        (rule(action="ALLOW"), NO),
        (rule(source='["10.0.0.0/8", "0.0.0.0/1"]'), NO),
        (rule(source='"::/0"').replace("from =", "from6 ="), NO),
        (rule(443, 443), YES),
        (rule(how="icmp"), YES),
        (rule(action="deny"), YES),
        (rule(source='["10.0.0.0/8"]'), YES),
        (rule(source="var.free"), UNKNOWN),
        (rule(source='["10.0.0.0/8", var.free]'), UNKNOWN),
        (rule(443, 443, source="var.free"), YES),
        (rule("var.free"), UNKNOWN),
        (rule("var.free", action="deny"), YES),
        ("rule = []", YES),
        ("", UNKNOWN),
        ('dynamic "rule" {\n for_each = []\n content {}\n}', UNKNOWN),
    ],
)
def test_rules_are_closed(line: str, truth: Truth) -> None:
    found = of(holds(PORT), line, more=LOCALS)
    assert found.truth is truth, found
    assert bool(found.reason) is (truth is not YES)


def test_all_traffic_is_not_one_port() -> None:
    everything = holds(PORT | {"port": 0})
    assert of(everything, rule()).truth is YES
    assert of(everything, rule(0, 65535)).truth is NO
    assert of(everything, rule(how="all")).truth is NO


def test_rules_of_a_template() -> None:
    asserts = holds(PORT | {"close": "Rules"})
    text = "{first: 22, last: 22, how: tcp, from: 0.0.0.0/0, action: allow}"
    assert in_template(asserts, f"Rules: [{text}]").truth is NO
    assert in_template(asserts, f"Rules: [{text.replace('0.0.0.0/0', '!Ref P')}]").truth is UNKNOWN
    assert in_template(asserts, f"Rules: [{text.replace('0.0.0.0/0', '!If [C, 0.0.0.0/0, 10.0.0.0/8]')}]").truth is NO
    assert in_template(asserts, f"Rules: [{text.replace('22', '443')}]").truth is YES
    assert in_template(asserts, "Rules: !Ref P").truth is UNKNOWN
    assert in_template(holds(PORT | {"close": ""}), *text.strip("{}").split(", ")).truth is NO


CASES = [
    {"when": [{"target": "aws_u"}], "is": {"other": 1}},
    {"when": [{"attribute": "kind", "equals": "a"}], "is": {"on": True}},
    {"when": [{"attribute": "kind", "present": False}], "untold": "nothing is known of things without a kind"},
    {"when": [{"attribute": "kind", "not_matching": "^[bc]"}], "is": {"on": False}},
]


@pytest.mark.parametrize(
    ("lines", "truth", "said"),
    [
        (['kind = "a"', "on = true"], YES, ""),
        (['kind = "a"', "on = false"], NO, "aws_t.x.on is `false`"),
        (['kind = "d"', "on = false"], YES, ""),
        (['kind = "b"', "on = false"], UNKNOWN, "nothing is asserted of a resource that is written like this"),
        (["on = true"], UNKNOWN, "nothing is known of things without a kind"),
        (["kind = var.free", "on = true"], UNKNOWN, "it depends on kind"),
    ],
)
def test_the_first_case_that_is_meant_counts(lines: list[str], truth: Truth, said: str) -> None:
    found = of(CASES, *lines, more=LOCALS)
    assert (found.truth, said in found.reason) == (truth, True), found


def test_what_counts_has_to_stand_in_one_place() -> None:
    text = b'resource "aws_t" "x" {\n  on = true\n}\n'
    twice = Module({name: TerraformDocument.read(name, text) for name in ("a.tf", "b.tf")}, {})
    over = Module({name: TerraformDocument.read(name, text) for name in ("a.tf", "b_override.tf")}, {})
    for module in (twice, over, Module({}, {})):
        found = of_terraform.holds(control(ON), module, "aws_t.x", {})
        assert found.truth is UNKNOWN, module
        assert found.reason


def test_a_macro_may_change_everything() -> None:
    found = in_template(ON, "on: true", head="Transform: Mine\n" + HEAD)
    assert (found.truth, "the macro Mine" in found.reason) == (UNKNOWN, True)


def test_globals_count_as_written() -> None:
    head = "Transform: AWS::Serverless-2016-10-31\nGlobals:\n  Function:\n    on: true\n" + HEAD
    assert in_template(ON, head=head.replace("A::B::T", "AWS::Serverless::Function")).truth is YES


def test_a_secret_is_not_quoted() -> None:
    found = of([{"is": {"master_password": "x"}}], 'master_password = "AKIAIOSFODNN7EXAMPLE"')
    assert "AKIAIOSFODNN7EXAMPLE" not in found.reason
