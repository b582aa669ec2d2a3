import json
import re
import runpy
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml

from iacfix.controls import Catalogue, load_catalogue
from iacfix.controls.beyond import beyond_code
from iacfix.controls.catalogue_file import read_controls, shipped
from iacfix.domain.control import (
    Companion,
    Condition,
    Control,
    EnsureBlock,
    Entries,
    LanguageFix,
    SetAttribute,
    Setting,
    Step,
)
from iacfix.domain.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = load_catalogue()
FORMS = {
    "security_hub": r"[A-Z][A-Za-z0-9]+\.\d+",
    "cis_1_2": r"[1-4]\.\d+",
    "cis_1_4": r"[1-5](\.\d+){1,3}",
    "cis_3_0": r"[1-5](\.\d+){1,2}",
    "pci_3_2_1": r"PCI\.[A-Za-z0-9]+\.\d+",
    "config": r"[a-z0-9]+(-[a-z0-9]+)+",
    "checkov": r"CKV2?_AWS_\d+",
    "trivy": r"AWS-\d{4}",
    "prowler": r"[a-z0-9]+(_[a-z0-9]+)+",
    "wiz": r"[a-z0-9* -]+",
}


def entry(**changes: object) -> dict[str, object]:
    standard: dict[str, object] = {
        "title": "A control for this test",
        "why": "It is here to be tested and for nothing else.",
        "risk": "low",
        "names": {"checkov": ["CKV_T_1"]},
        "terraform": {"targets": ["aws_t"], "fix": [{"set": {"on": True}}]},
    }
    return standard | changes


def template(fix: object, targets: Sequence[str] = ("A::B::T",)) -> dict[str, object]:
    """A control of templates alone."""
    found = entry(cloudformation={"targets": list(targets), "fix": fix})
    del found["terraform"]
    return found


def text(**controls: object) -> str:
    return yaml.safe_dump(
        {"service": "t", "controls": {key.replace("_", "-"): value for key, value in controls.items()}}
    )


def steps(fix: LanguageFix) -> list[Step]:
    found = [step for variant in fix.variants for step in variant.steps]
    for step in found:
        if isinstance(step, EnsureBlock | Companion):
            found.extend(step.steps)
        if isinstance(step, EnsureBlock):
            found.extend(step.initially)
    return found


@pytest.mark.parametrize("control", SHIPPED.controls, ids=lambda control: control.id)
def test_a_shipped_control_is_whole(control: Control) -> None:
    for tool, names in control.names.items():
        assert [name for name in names if not re.fullmatch(FORMS[tool], name)] == [], tool
    # Without a name in one of these no finding that iacfix reads today leads here.
    assert {"checkov", "security_hub"} & set(control.names)
    assert len(re.findall(r"\.(?= |$)", control.why)) == 2, control.why
    assert control.fixes
    for fix in control.fixes:
        used = {step.resource_type for step in steps(fix) if isinstance(step, Companion)}
        listed = set(fix.companions)
        assert used <= listed
        assert listed - used <= set(fix.targets)
        targets = {each.target for variant in fix.variants for each in variant.when if each.target}
        assert targets <= set(fix.targets)
        last = fix.variants[-1]
        assert not last.when or last.decline or len(fix.variants) == 1


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "catalogue.md").read_text()
    wants = [
        step.want for each in SHIPPED for fix in each.fixes for step in steps(fix) if isinstance(step, SetAttribute)
    ]
    settings = {value.name for want in wants for value in (want.equals, want.at_least) if isinstance(value, Setting)}
    assert len(settings) > 5
    assert [name for name in settings if f"| `{name}` |" not in page] == []


def test_the_page_is_what_the_catalogue_says() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "controls_page.py"))
    assert script["page"]() == (ROOT / "docs" / "controls.md").read_text()
    assert set(script["TOOLS"]) >= set(FORMS)


def test_the_example_of_the_page_is_a_control() -> None:
    page = (ROOT / "docs" / "catalogue.md").read_text()
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (control,) = read_controls("docs/catalogue.md", example)
    (terraform, cloudformation) = control.fixes
    assert terraform.variants[0].when == (Condition("fifo_queue", equals=True),)
    assert cloudformation.variants[0].when == (Condition("FifoQueue", equals=True),)


@pytest.mark.parametrize(("name", "text"), shipped(), ids=[name for name, _ in shipped()])
def test_every_shipped_file_is_as_the_schema_asks(name: str, text: str) -> None:
    """A run does not look again."""
    assert {each.id for each in read_controls(name, text)} <= {each.id for each in SHIPPED}


def test_the_schema_is_one() -> None:
    schema = json.loads((resources.files("iacfix.controls") / "catalogue.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a: [", "not YAML"),
        ("[]", "the file"),
        (text(a_b={}), "controls.a-b"),
        (text(A=entry()), "controls"),
        (text(a=entry(risk="huge")), "controls.a.risk"),
        (text(a=entry(extra=1)), "extra"),
        (text(a=entry(names={"nessus": ["1"]})), "controls.a.names"),
        (text(a=entry(terraform={"targets": ["aws_t"], "fix": []})), "controls.a.terraform.fix"),
        (
            text(a=entry(terraform={"targets": ["aws_t"], "fix": [{"decline": "x" * 30, "set": {"a": 1}}]})),
            "controls.a.terraform.fix.0",
        ),
        (
            text(a=entry(terraform={"targets": ["aws_t"], "fix": [{"steps": [{"companion": "aws_c"}]}]})),
            "controls.a.terraform.fix.0",
        ),
        (
            text(a=entry(terraform={"targets": ["aws_t"], "fix": [{"set": {"a": {"at_lest": 1}}}]})),
            "controls.a.terraform.fix.0",
        ),
        (text(a=template([{"set": {"a b": 1}}])), "controls.a.cloudformation"),
        (text(a=template([{"set": {"A": {"B": 1}}}])), "controls.a.cloudformation.fix.0"),
        (text(a=template([{"when": [{"style": "inline"}], "set": {"A": 1}}])), "controls.a.cloudformation.fix.0"),
        (text(a=template([{"steps": [{"companion": "A::B::C", "link": {"D": "id"}}]}])), "controls.a.cloudformation"),
        (text(a=template([{"set": {"A": 1}}], targets=["aws_t"])), "controls.a.cloudformation.targets.0"),
        (text(a={key: value for key, value in entry().items() if key != "terraform"}), "controls.a"),
    ],
)
def test_what_is_wrong_is_named_with_file_control_and_field(written: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=r"mine\.yaml: ") as caught:
        read_controls("mine.yaml", written)
    assert said in str(caught.value)


def test_a_control_may_speak_of_templates_alone() -> None:
    wants: dict[str, object] = {"A.B": {"has": {"C": [{"D": 1}]}}, 'P."x.y"': {"includes": [{"E": "f"}]}}
    (control,) = read_controls("x", text(a=template([{"set": wants}, {"decline": "x" * 30}])))
    assert control.terraform is None
    assert control.targets == ("A::B::T",)
    first, second = [step.want for step in steps(control.fixes[0]) if isinstance(step, SetAttribute)]
    assert first.equals == Entries((("C", (Entries((("D", 1),)),)),))
    assert second.includes == (Entries((("E", "f"),)),)


def test_own_controls_are_added_and_replace_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(text(t_own=entry(), kms_key_rotation=entry(names={"checkov": ["CKV_AWS_7"]})))
    catalogue = load_catalogue([tmp_path])
    assert len(catalogue.controls) == len(SHIPPED.controls) + 1
    own, replaced = catalogue.get("t-own"), catalogue.get("kms-key-rotation")
    assert own is not None
    assert replaced is not None
    assert replaced.title == "A control for this test"


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_catalogue([tmp_path / "gone"])


def test_two_controls_may_share_a_name_only_for_different_resources() -> None:
    one, two = read_controls(
        "x", text(a=entry(), b=entry(terraform={"targets": ["aws_u"], "fix": [{"set": {"on": True}}]}))
    )
    catalogue = Catalogue((one, two))
    found = [catalogue.find("checkov", "ckv_t_1", kind) for kind in ("aws_t", "aws_u", "aws_v")]
    assert found == [one, two, None]
    with pytest.raises(ConfigurationError, match="both claim checkov ckv_t_1 for aws_t"):
        Catalogue(read_controls("x", text(a=entry(), b=entry())))


def test_a_control_is_found_by_what_people_call_it() -> None:
    assert [control.id for control in SHIPPED.matching(["KMS.4"])] == ["kms-key-rotation"]
    assert [control.id for control in SHIPPED.matching(["ckv_aws_7"])] == ["kms-key-rotation"]
    assert SHIPPED.matching(["nothing"]) == ()
    assert SHIPPED.find("checkov", "CKV_AWS_7", "anything") is SHIPPED.get("kms-key-rotation")
    assert SHIPPED.nearest("Ensure KMS keys are rotated yearly") == ("kms-key-rotation",)
    assert SHIPPED.nearest("Something else altogether") == ()


def test_what_no_code_can_meet_is_known_with_its_reason() -> None:
    assert "rotated" in SHIPPED.beyond_code("security_hub", "CIS.1.2.0/1.4")
    assert SHIPPED.beyond_code("trivy", "AVD-AWS-0146") == SHIPPED.beyond_code("security_hub", "IAM.3")
    assert SHIPPED.beyond_code("checkov", "CKV_AWS_7") == ""
    assert [key for key in beyond_code() if SHIPPED.claimed(*key)] == []


def test_an_own_control_goes_before_the_reason_that_there_is_none() -> None:
    (own,) = read_controls("x", text(a=entry(names={"security_hub": ["IAM.3"]})))
    assert Catalogue((own,)).beyond_code("security_hub", "IAM.3") == ""
