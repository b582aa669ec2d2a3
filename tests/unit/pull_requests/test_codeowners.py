import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.change_request import Person
from iacfix.pull_requests.codeowners import MAX_BYTES, PLACES, Syntax, read

A, B, TEAM = Person("ann"), Person("bob"), Person("acme/platform", is_team=True)


@pytest.mark.parametrize(
    ("pattern", "owned", "not_owned"),
    [
        ("*", ["main.tf", "a/b/main.tf"], []),
        ("*.tf", ["main.tf", "a/b/main.tf"], ["main.tfvars", "tf"]),
        ("/*.tf", ["main.tf"], ["a/main.tf"]),
        ("infra/", ["infra/main.tf", "a/infra/b/main.tf"], ["infra", "infrastructure/main.tf"]),
        ("/infra/", ["infra/main.tf", "infra/a/main.tf"], ["a/infra/main.tf"]),
        ("/infra", ["infra", "infra/a/main.tf"], ["a/infra/main.tf"]),
        ("docs/*", ["docs/a.md"], ["docs/b/a.md", "a/docs/a.md"]),
        ("infra/**", ["infra/main.tf", "infra/a/b.tf"], ["a/infra/main.tf"]),
        ("**/logs", ["logs/a", "a/b/logs/c"], ["catalogs/a"]),
        ("infra/**/main.tf", ["infra/main.tf", "infra/a/b/main.tf"], ["infra/a/other.tf"]),
        ("ma?n.tf", ["main.tf", "a/man.tf".replace("man", "maXn")], ["man.tf"]),
        ("a\\ b.tf", ["a b.tf"], ["a", "b.tf"]),
        ("/a.b", ["a.b"], ["aXb"]),
    ],
)
def test_patterns_as_github_has_them(pattern: str, owned: list[str], not_owned: list[str]) -> None:
    rules = read(f"{pattern} @ann\n".encode(), Syntax.GITHUB)
    assert [path for path in owned if rules.of(path) != (A,)] == []
    assert [path for path in not_owned if rules.of(path)] == []


def test_the_last_rule_that_matches_decides() -> None:
    rules = read(b"# all\n* @ann\n*.tf @acme/platform bob@example.com # for the code\n/open.tf\n", Syntax.GITHUB)
    assert rules.of("readme.md") == (A,)
    assert rules.of("main.tf") == (TEAM, Person("bob@example.com"))
    assert rules.of("open.tf") == ()


@pytest.mark.parametrize(
    "line", ["!main.tf @ann", "[ab].tf @ann", "main.tf ann", "# main.tf @ann", "x" * 2000 + " @ann"]
)
def test_github_skips_what_it_does_not_understand(line: str) -> None:
    assert read(line.encode(), Syntax.GITHUB).of("main.tf") == ()


def test_gitlab_has_sections_with_owners_of_their_own() -> None:
    text = b"""* @ann
[Infra] @acme/platform
*.tf
/prod/*.tf @bob
^[Docs][2] @ann
*.md
[infra]
/prod/open.tf @ann
"""
    rules = read(text, Syntax.GITLAB)
    assert rules.of("main.tf") == (A, TEAM)
    assert rules.of("prod/main.tf") == (A, B)
    assert rules.of("prod/open.tf") == (A,)
    assert rules.of("readme.md") == (A,)


def test_gitlab_excludes_for_good() -> None:
    rules = read(b"* @ann\n!*.lock\n*.lock @bob\n[X] @bob\n*.lock\n", Syntax.GITLAB)
    assert rules.of("a.lock") == (B,)
    assert rules.of("a.tf") == (A,)


def test_gitlab_matches_a_path_at_any_depth() -> None:
    rules = read(b"infra/main.tf @ann\n@@developer\n*.md @@maintainer\n", Syntax.GITLAB)
    assert rules.of("a/infra/main.tf") == (A,)
    assert rules.of("a.md") == ()


def test_bitbucket() -> None:
    rules = read(b"*.tf @ann @acme/platform\nprod/ bob@example.com\n", Syntax.BITBUCKET)
    assert rules.of("a/main.tf") == (A, TEAM)
    assert rules.of("prod/main.tf") == (Person("bob@example.com"),)


def test_a_file_that_no_host_reads_owns_nothing() -> None:
    assert read(b"* @ann\n" + b"#" * MAX_BYTES, Syntax.GITHUB).of("main.tf") == ()


@pytest.mark.parametrize("syntax", Syntax)
def test_every_host_has_its_places(syntax: Syntax) -> None:
    assert all(place.endswith("CODEOWNERS") for place in PLACES[syntax])


@given(st.text(alphabet=st.sampled_from("*/?!\\[]^@#ab. \n"), max_size=60), st.sampled_from(Syntax))
def test_no_file_makes_it_fail(text: str, syntax: Syntax) -> None:
    owners = read(text.encode(), syntax).of("a/b.a")
    assert all(owner.name for owner in owners)


@pytest.mark.parametrize("pattern", ["*a" * 40 + "b", "**/a/" * 40 + "b", "?*" * 60 + "/b"])
def test_no_pattern_is_slow(pattern: str) -> None:
    rules = read(f"{pattern} @ann\n".encode(), Syntax.GITHUB)
    assert rules.of("a" * 200) == ()
    assert rules.of("a/" * 100) == ()
