"""Every kind of mistake in a catalogue file is answered with file, control, field and what is wanted there."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from iacfix.controls import load_catalogue
from iacfix.controls.catalogue_file import read_controls
from iacfix.controls.schema import fault
from iacfix.domain.errors import ConfigurationError

Entry = dict[str, object]


def entry(**changes: object) -> Entry:
    standard: Entry = {
        "title": "A control for this test",
        "why": "It is here to be tested and for nothing else.",
        "risk": "low",
        "names": {"checkov": ["CKV_T_1"]},
        "terraform": {"targets": ["aws_t"], "fix": [{"set": {"on": True}}]},
    }
    changed = standard | changes
    return {name: value for name, value in changed.items() if value is not ...}


def fix(variant: object) -> Entry:
    return entry(terraform={"targets": ["aws_t"], "fix": [variant]})


def template(fix: object, target: str = "AWS::T::T") -> Entry:
    return entry(cloudformation={"targets": [target], "fix": [fix]})


def when(condition: object) -> Entry:
    return fix({"when": [condition], "set": {"a": 1}})


def message(text: str) -> str:
    with pytest.raises(ConfigurationError, match=r"^mine\.yaml: .*see docs/catalogue\.md$|not YAML") as caught:
        read_controls("mine.yaml", text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("control", "field", "said"),
    [
        (None, "", "should be a mapping, is empty"),
        (entry(title=...), "", "title is missing"),
        (entry(terraform=...), "", "should have terraform or cloudformation, or both"),
        (entry(tittle="x"), "", "tittle is not known here; perhaps title"),
        (entry(zzz="x"), "", "zzz is not known here; there are title, why"),
        (entry(risk="huge"), ".risk", "huge is none of low, moderate, high"),
        (entry(why="x"), ".why", "x is too short, it should have at least 20 characters"),
        (entry(title="x" * 200), ".title", "is too long, it should have at most 120 characters"),
        (entry(names={}), ".names", "is empty"),
        (entry(names={"chekov": ["x"]}), ".names", "chekov is not known here; perhaps checkov"),
        (entry(names={"checkov": "x"}), ".names.checkov", "should be a list, is text"),
        (entry(names={"cis_1_2": [2.3]}), ".names.cis_1_2.0", "should be text, is a number; put it in quotes"),
        (entry(names={"cis_1_2": ["CIS.2.3"]}), ".names.cis_1_2.0", "CIS.2.3 is not of the form"),
        (entry(names={"checkov": ["a", "a"]}), ".names.checkov", "says something twice"),
        (entry(terraform={"targets": ["aws_t"], "fix": []}), ".terraform.fix", "is empty"),
        (fix({}), ".terraform.fix.0", "should have either decline, or set or steps"),
        (
            fix({"decline": "x" * 30, "set": {"a": 1}}),
            ".terraform.fix.0",
            "should have either decline, or set or steps",
        ),
        (fix({"decline": "no"}), ".terraform.fix.0.decline", "no is too short"),
        (fix({"steps": [{"companion": "aws_c"}]}), ".terraform.fix.0.steps.0", "companion needs link"),
        (
            fix({"steps": [{"remove": "x", "ensure_block": "y"}]}),
            ".terraform.fix.0.steps.0",
            "should have exactly one of",
        ),
        (fix({"steps": [{"stuff": "x"}]}), ".terraform.fix.0.steps.0", "stuff is not known here"),
        (fix({"set": {"a": {"at_lest": 1}}}), ".terraform.fix.0.set.a", "should be a value, or one of at_least"),
        (fix({"set": {"a": 1.5}}), ".terraform.fix.0.set.a", "1.5: should be a value, or one of at_least"),
        (fix({"set": {"a": {"at_most": 0}}}), ".terraform.fix.0.set.a.at_most", "is 0, and should be at least 1"),
        (fix({"set": {"a": {"setting": "KMS"}}}), ".terraform.fix.0.set.a.setting", "KMS is not of the form"),
        (
            when({"atribute": "x", "present": True}),
            ".terraform.fix.0.when.0",
            "atribute is not known here; perhaps attribute",
        ),
        (when({"attribute": "x"}), ".terraform.fix.0.when.0", "should have an attribute with one of present"),
        (
            when({"attribute": "x", "present": True, "equals": 1}),
            ".terraform.fix.0.when.0",
            "should have an attribute with one",
        ),
        (when({"style": "Inline"}), ".terraform.fix.0.when.0.style", "Inline is none of inline, separate"),
        (
            when({"attribute": "x", "not_matching": "("}),
            ".terraform.fix.0.when.0.not_matching",
            "( is no regular expression",
        ),
        (template({"set": {"A": 1}}, "aws_t"), ".cloudformation.targets.0", "aws_t is not of the form"),
        (template({"set": {"a_b": 1}}), ".cloudformation.fix.0.set", "a_b is not of the form"),
        (
            template({"steps": [{"companion": "AWS::T::C", "link": {"T": "id"}}]}),
            ".cloudformation.fix.0.steps.0.link.T",
            "id is not of the form",
        ),
        (
            template({"steps": [{"remove": "A", "ensure_block": "B"}]}),
            ".cloudformation.fix.0.steps.0",
            "exactly one of",
        ),
    ],
)
def test_the_message_names_control_field_and_what_is_wanted(control: object, field: str, said: str) -> None:
    text = message(yaml.safe_dump({"service": "t", "controls": {"a-b": control}}))
    assert text.startswith(f"mine.yaml: controls.a-b{field}: ")
    assert said in text
    assert len(text) < 400


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a: [", "not YAML"),
        ("[" * 300_000, "not YAML: it is nested deeper than 60 levels"),
        ("- " * 300_000, "not YAML: it is nested deeper than 60 levels"),
        ("service: 2001-99-99", "not YAML: month must be in 1..12"),
        ("? [1]\n: 2", "not YAML"),
        ("service: t\nservice: u", "not YAML: line 2: service is written twice"),
        ("service: t\ncontrols:\n  a: {}\n  b: {}\n  a: {}", "not YAML: line 5: a is written twice"),
        ("!!python/object:os.x {}", "not YAML"),
        ("", "the file: should be a mapping, is empty"),
        ("[]", "the file: should be a mapping, is a list"),
        ("service: t", "the file: controls is missing"),
        ("service: T\ncontrols: {a: 1}", "service: T is not of the form"),
        ("service: t\ncontrols: {}", "controls: is empty"),
        ("service: t\ncontrols: {A_B: {}}", "controls"),
        ("service: t\ncontrols: {5: {}}", "controls: should be text, is a number; put it in quotes"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_told(written: str, said: str) -> None:
    assert said in message(written)


def test_a_file_that_holds_itself_is_told() -> None:
    steps: list[object] = []
    steps.append({"ensure_block": "x", "steps": steps})
    assert fault({"service": "t", "controls": {"a": fix({"steps": steps})}}) == "the file: is nested too deeply"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["service", "controls", "fix", "a"]), inner, max_size=3)))  # fmt: skip
def test_any_document_is_judged(document: object) -> None:
    assert fault(document)


def folder(path: Path, **controls: Entry) -> Path:
    path.mkdir()
    named = {name.replace("_", "-"): control for name, control in controls.items()}
    (path / "mine.yaml").write_text(yaml.safe_dump({"service": "t", "controls": named}))
    return path


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"service: \xff")
    with pytest.raises(ConfigurationError, match=r"mine\.yaml: not UTF-8"):
        load_catalogue([tmp_path])
    (tmp_path / "mine.yaml").unlink()
    (tmp_path / "mine.yaml").mkdir()
    with pytest.raises(ConfigurationError, match=r"mine\.yaml cannot be read"):
        load_catalogue([tmp_path])


def test_later_folders_replace_what_earlier_ones_say(tmp_path: Path) -> None:
    one = folder(tmp_path / "one", t_own=entry(title="As the first says"), kms_key_rotation=entry(names={"wiz": ["k"]}))
    two = folder(tmp_path / "two", t_own=entry(title="As the second says"))
    catalogue = load_catalogue([one, two])
    own = catalogue.get("t-own")
    assert own is not None
    assert own.title == "As the second says"
    assert catalogue.find("checkov", "CKV_AWS_7", "aws_kms_key") is None


def test_an_own_control_may_not_claim_what_a_shipped_one_does(tmp_path: Path) -> None:
    other = entry(names={"checkov": ["CKV_AWS_7"]}, terraform={"targets": ["aws_kms_key"], "fix": [{"set": {"a": 1}}]})
    with pytest.raises(ConfigurationError, match="kms-key-rotation and t-own both claim checkov ckv_aws_7"):
        load_catalogue([folder(tmp_path / "mine", t_own=other)])
