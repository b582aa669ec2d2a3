from collections.abc import Mapping
from pathlib import Path

import pytest

from iacfix.adapters.policy.embedded import EmbeddedPolicy, policy_of, shipped_policy
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.triage import Reason
from iacfix.ports.policy import Fact

HEAD = "package iacfix.eligibility\nimport rego.v1\n"
BASE = (
    HEAD
    + 'default allow := false\nallow if input.go == true\nallowed contains {"rule": "go", "reason": "go"} if input.go\n'
)
NONE = 'denied contains {"rule": "x", "reason": "x"} if input.stop\n'
FACTS: Mapping[str, Fact] = {"go": True}


def policy(text: str) -> EmbeddedPolicy:
    return EmbeddedPolicy({"a.rego": text})


def test_it_allows_with_the_rules_that_fired_and_the_hash_of_its_text() -> None:
    found = policy(BASE + NONE).decide(FACTS)
    assert found.allow
    assert found.allowed == (Reason("go", "go"),)
    assert found.version == policy(BASE + NONE).version
    assert found.version != policy(BASE + NONE + "# a word\n").version
    assert EmbeddedPolicy({"b.rego": BASE}).version != policy(BASE).version


def test_it_denies_with_every_rule_that_fired() -> None:
    found = policy(BASE + NONE + 'denied contains {"rule": "y", "reason": "y"} if true\n').decide(
        {**FACTS, "stop": True}
    )
    assert not found.allow
    assert found.denied == (Reason("x", "x"), Reason("y", "y"))
    assert found.allowed == (Reason("go", "go"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not compile"),
        ("package iacfix.eligibility\nallow if {", "a.rego does not compile: this is unclosed"),
        ("package other\nallow := true\n", "lacks `allow`, `allowed` or `denied`"),
        (HEAD + "default allow := true\n", "lacks `allow`, `allowed` or `denied`"),
        (HEAD + "allow := true\nallowed := []\ndenied := []\n", "it allows without a reason"),
        (HEAD + 'allow := "true"\nallowed := []\ndenied := []\n', "`allow` is neither true nor false"),
        (HEAD + "allow := true\nallowed := []\ndenied := [1]\n", "is not a rule and its reason"),
        (HEAD + 'allow := true\nallowed := ["fine"]\ndenied := []\n', "is not a rule and its reason"),
        (HEAD + 'allow := true\nallowed := [{"rule": "a"}]\ndenied := []\n', "is not a rule and its reason"),
        (BASE + NONE + "allow := false if input.go\n", "the policy failed"),
        (BASE + NONE + "other := 1 / input.none\n", "go"),
        (BASE + NONE + 'denied contains {"rule": "n", "reason": sprintf("%d", [to_number("a")])} if true\n', "the policy failed"),
    ],
)  # fmt: skip
def test_whatever_is_odd_denies_and_says_why(text: str, said: str) -> None:
    found = policy(text).decide(FACTS)
    if said == "go":  # a rule that nothing asks for may fail
        return
    assert not found.allow
    assert said in found.denied[0].text


def test_no_fact_at_all_denies() -> None:
    assert policy(BASE + NONE).decide({}).denied == (Reason("policy", "no rule of it allows this, and none says why"),)
    assert not shipped_policy().decide({}).allow


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('x if net.cidr_contains("10.0.0.0/8", input.ip)', "a.rego:7: net.cidr_contains is not known to this engine"),
        ('x if strings.render_template("", {})', "a.rego:7: strings.render_template is not known to this engine"),
        ("x if {\n  nosuch (input.a)\n}", "a.rego:8: nosuch is not known"),
        ("x if\nnosuch(1)", "a.rego:8: nosuch is not known"),
        ("x :=\nnosuch(1)", "a.rego:8: nosuch is not known"),
        ("x := [1 |\n  y := 1\n  nosuch(y)\n]", "a.rego:9: nosuch is not known"),
        ("x := time.now_ns()", "time.now_ns is not allowed: a decision follows from the facts alone"),
        ('x := http.send({"url": "http://localhost"})', "http.send is not allowed"),
        ("x := opa.runtime()", "opa.runtime is not allowed"),
        ("x := input.f(1)", "input.f is not known"),
    ],
)
def test_a_builtin_that_is_not_known_is_refused_when_it_is_loaded(line: str, said: str) -> None:
    found = policy(BASE + NONE + line + "\n")
    assert said in found.fault
    assert said in found.decide(FACTS).denied[0].text


def test_functions_of_its_own_comments_and_texts_are_no_builtins() -> None:
    more = '# nosuch(1)\nx := "nosuch(1)"\ny := `nosuch(\n1)`\nown(a) := lower(a)\nz := own("A")\nallow if not own("A") in {"a"}\n'
    library = "package lib\nimport rego.v1\nfine(a) if a == 1\n"
    use = BASE.replace("import rego.v1\n", "import rego.v1\nimport data.lib\n") + NONE + more + "w if lib.fine(1)\n"
    assert EmbeddedPolicy({"a.rego": use, "lib.rego": library}).fault == ""


@pytest.mark.parametrize(
    "text", ['"}], "allow": [1], "denied": []}', '\\"', "a\0b", "\n\t\r", "\x1b[31m", "\ud800", "é𝒳\u2028", '"' * 3000]
)
def test_what_a_tag_says_is_data(text: str) -> None:
    """The engine does not escape texts in what it writes."""
    told = BASE + 'denied contains {"rule": input.tag, "reason": sprintf("it is %s", [input.tag])} if true\n'
    found = policy(told).decide({"go": True, "tag": text})
    assert not found.allow
    assert len(found.denied) == 1
    assert found.denied[0].text.isprintable()
    assert "\0" not in found.denied[0].rule


def test_a_folder_takes_the_place_of_what_is_shipped(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "mine.rego").write_text(BASE + NONE)
    (tmp_path / "mine_test.rego").write_text("package broken\n{")
    assert policy_of(tmp_path).decide(FACTS).allow
    (tmp_path / "bad.rego").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        policy_of(tmp_path)


def test_a_folder_without_a_policy_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no policy in"):
        policy_of(tmp_path)
    with pytest.raises(ConfigurationError, match="does not exist"):
        policy_of(tmp_path / "none")


def test_what_is_shipped_can_be_used() -> None:
    assert shipped_policy().fault == ""
