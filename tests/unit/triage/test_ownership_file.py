import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import ConfigurationError
from iacfix.triage.ownership import Entry, Ownership, TagRule, Unit
from iacfix.triage.ownership_file import read_ownership
from iacfix.triage.tags import pattern

TABLE = """\
default: {team: governance, contact: gov@example.com}
rules:
  - name: platform
    tags: Environment=production, Team=platform
    team: on
accounts:
  012345678901: payments
units:
  ou-ab12-cdefgh12: {accounts: [012345678902], within: r-ab12}
  r-ab12: {team: root}
"""


def test_a_table_is_read_and_every_value_is_text() -> None:
    found = read_ownership(TABLE.encode(), "owners.yaml")
    assert found == Ownership(
        Entry("governance", "gov@example.com"),
        (TagRule("platform", pattern("Environment=production,Team=platform"), "on"),),
        {"012345678901": Entry("payments")},
        {
            "ou-ab12-cdefgh12": Unit("ou-ab12-cdefgh12", None, ("012345678902",), "r-ab12"),
            "r-ab12": Unit("r-ab12", Entry("root")),
        },
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file: must be a mapping"),
        ("rules: []\n", "the file: lacks default"),
        ("default: a\nrule: []\n", "the file: 'rule' is no key here; known are default, rules, accounts, units"),
        ("default: a\nrules:\n  - {name: x, tags: a=b, team: t}\n  - {name: y, tags: a=b}\n", "rules[2]: lacks team"),
        ("default: a\nrules:\n  - {name: x, tags: a=b, teem: t, team: t}\n", "rules[1]: 'teem' is no key here"),
        ("default: a\nrules:\n  - {name: x, tags: a, team: t}\n", "rules[1].tags: 'a' is no tag"),
        ("default: a\nrules:\n  - {name: x, tags: a=b, team: [t]}\n", "rules[1].team: must be text"),
        ("default: a\nrules:\n  - {name: x, tags: a=b, team: ' '}\n", "rules[1].team: must be one line of text"),
        (
            "default: a\nrules:\n  - {name: x, tags: a=b, team: t}\n  - {name: x, tags: c=d, team: t}\n",
            "rules[2].name: 'x' is the name of rules[1] too",
        ),
        ("default: a\naccounts: {1234: t}\n", "accounts: '1234' is no such id"),
        ("default: a\naccounts: {'123456789012': [t]}\n", "accounts.123456789012: must be the name of a team"),
        ("default: a\nunits: {ou-ab12-cdefgh12: {accounts: ['12']}}\n", "must be an account number of 12 digits"),
        ("default: a\nunits: {r-ab12: {within: r-zz99}}\n", "units.r-ab12.within: there is no unit r-zz99"),
        ("default: a\nunits: {r-ab12: {within: r-ab12}}\n", "units.r-ab12.within: it is within itself"),
        (
            "default: a\nunits: {r-aaaa: {accounts: ['123456789012']}, r-bbbb: {accounts: ['123456789012']}}\n",
            "units.r-bbbb.accounts: 123456789012 is in r-aaaa too",
        ),
        ("default: a\ndefault: b\n", "line 2: 'default' is written twice"),
        ("default: &a x\nrules: *a\n", "line 2: aliases are not read"),
        ("? [a]\n: b\n", "line 1: a key is not text"),
        ("default: [" * 20, "line 1: it is nested too deeply"),
        ("default: a\n\tb", "it is not YAML"),
        ("default: \x07", "a character of it cannot be read"),
    ],
)
def test_what_is_wrong_names_the_file_the_entry_and_the_field(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_ownership(text.encode(), "owners.yaml")
    assert str(raised.value).startswith("owners.yaml: ")
    assert said in str(raised.value)


@given(
    st.lists(st.sampled_from([*TABLE.splitlines(keepends=True), "\0", "- ", "{", "*a", "\xff", "<<: x\n"]), max_size=12)
)
def test_nothing_but_a_table_or_an_error_comes_of_it(parts: list[str]) -> None:
    try:
        found = read_ownership("".join(parts).encode("latin-1", "replace"), "owners.yaml")
    except ConfigurationError:
        return
    assert found.default.team
