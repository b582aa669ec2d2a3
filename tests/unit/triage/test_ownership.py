from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.finding import CloudResource
from iacfix.domain.triage import OwnedBy
from iacfix.triage.ownership import Entry, Ownership, TagRule, Unit
from iacfix.triage.tags import pattern

ACCOUNT = "123456789012"
TAGS = (("Environment", "production"), ("Team", "platform"))


def rule(name: str, tags: str, team: str = "") -> TagRule:
    return TagRule(name, pattern(tags), team or name)


def table(*rules: TagRule) -> Ownership:
    return Ownership(Entry("governance"), rules)


def resource(tags: tuple[tuple[str, str], ...] = TAGS, account: str = "") -> CloudResource:
    return CloudResource("AwsS3Bucket", "arn:aws:s3:::logs", "logs", account, tags=tags)


def test_more_conditions_win_then_fewer_stars_then_longer_words() -> None:
    two, exact, long, short = (
        rule("a-two", "Environment=*,Team=*"),
        rule("z-exact", "team=platform"),
        rule("y-long", "team=plat*"),
        rule("b-short", "team=p*"),
    )
    found = table(short, long, exact, two).resolve(resource())
    assert found.owner.rule == "a-two"
    assert [each.text.split()[0] for each in found.matched] == ["a-two", "z-exact", "y-long", "b-short"]
    assert found.why == "a-two (Environment=*, Team=*) is the most specific of 4 rules that fit"


def test_of_equals_the_name_decides_and_is_told() -> None:
    found = table(rule("z", "Team=platform"), rule("m", "Environment=*")).resolve(resource())
    assert found.owner.rule == "z"
    found = table(rule("z", "Team=platform"), rule("m", "team=PLATFORM", "other")).resolve(resource())
    assert found.owner.team == "other"
    assert found.why == "m (team=PLATFORM) is as specific as z, and its name comes first"


RULES = (rule("r1", "Team=platform"), rule("r2", "team=Platform"), rule("r3", "Team=*"), rule("r4", "Environment=*"))


@given(st.permutations(RULES))
def test_the_order_of_the_table_does_not_matter(rules: list[TagRule]) -> None:
    assert table(*rules).resolve(resource()) == table(*sorted(rules, key=lambda each: each.name)).resolve(resource())


def test_below_the_tags_come_the_account_its_unit_and_the_units_around_it() -> None:
    inner = Unit("ou-in", None, (ACCOUNT,), "ou-out")
    outer = Unit("ou-out", Entry("retail", "retail@example.com"))
    units = {unit.id: unit for unit in (inner, outer)}
    both = Ownership(Entry("governance"), (), {ACCOUNT: Entry("payments")}, units).resolve(resource((), ACCOUNT))
    assert (both.owner.team, both.owner.by) == ("payments", OwnedBy.ACCOUNT)
    assert [each.rule for each in both.matched] == ["account", "organizational unit"]
    unit = Ownership(Entry("governance"), (), {}, units).resolve(resource((), ACCOUNT)).owner
    assert (unit.team, unit.by, unit.rule, unit.contact) == (
        "retail",
        OwnedBy.UNIT,
        "unit ou-out",
        "retail@example.com",
    )


def test_what_is_nobodys_has_a_default_that_does_not_count_as_known() -> None:
    found = table(rule("other", "Team=other")).resolve(resource(account="999999999999"))
    assert not found.owner.known
    assert found.owner.team == "governance"
    assert "no entry speaks of account 999999999999" in found.why


def test_a_tag_that_contradicts_itself_gives_nothing_to_anybody_and_is_noted() -> None:
    torn = resource((*TAGS, ("team", "payments")))
    found = table(rule("platform", "Team=platform")).resolve(torn)
    assert not found.owner.known
    assert found.notes[0].text == "platform (Team=platform) does not count: the tag Team is there with several values"
