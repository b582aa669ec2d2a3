from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.repositories import cloud

from iacfix.domain.finding import CloudResource, Finding
from iacfix.locators.scopes import Scope, account_of, choose

SHOP, PAY = "111111111111", "222222222222"
QUEUE = f"arn:aws:sqs:eu-west-1:{SHOP}:jobs"
STACK = ("aws:cloudformation:stack-name", "shop-prod")


def read(identifier: str = QUEUE, account: str = "", tags: tuple[tuple[str, str], ...] = ()) -> Finding:
    return Finding(
        "security_hub", "f", "SQS.1", "t", CloudResource("AwsSqsQueue", identifier, account=account, tags=tags)
    )


def name(finding: Finding, *scopes: Scope, known: str = "") -> str:
    """The chosen scope, else the words; the states know what belongs to `known`."""
    chosen = choose(finding, scopes, lambda scope: scope.name == known)
    return chosen.name if isinstance(chosen, Scope) else chosen


@pytest.mark.parametrize(
    ("identifier", "account", "expected"),
    [
        (QUEUE, "", SHOP),
        (QUEUE, PAY, PAY),
        ("arn:aws:s3:::logs", PAY, PAY),
        ("arn:aws:s3:::logs", "", ""),
        (f"https://sqs.eu-west-1.amazonaws.com/{SHOP}/jobs", "", SHOP),
        ("jobs", "", ""),
        ("", "", ""),
        (f"arn:aws:sqs:eu-west-1:{SHOP}:" + "x" * 5000, "", ""),
    ],
)
def test_the_account_is_the_findings_else_the_arns(identifier: str, account: str, expected: str) -> None:
    assert account_of(read(identifier, account)) == expected


@pytest.mark.parametrize(
    ("scope", "fits"),
    [
        (Scope("r"), True),
        (Scope("r", accounts=(PAY, SHOP)), True),
        (Scope("r", accounts=(PAY,)), False),
        (Scope("r", tags={"team": "shop"}), True),
        (Scope("r", tags={"team": "shop", "env": "prod"}), True),
        (Scope("r", tags={"team": "shop", "env": "dev"}), False),
        (Scope("r", tags={"owner": ""}), False),
        (Scope("r", stacks=("shop-prod",)), True),
        (Scope("r", stacks=("pay-*", "shop-*")), True),
        (Scope("r", stacks=("SHOP-*",)), False),
        (Scope("r", accounts=(SHOP,), stacks=("pay-*",)), False),
        (Scope("r", accounts=(SHOP,), stacks=("shop-*",), tags={"env": "prod"}), True),
    ],
)
def test_every_condition_must_hold(scope: Scope, *, fits: bool) -> None:
    finding = read(tags=(("team", "shop"), ("env", "prod"), STACK))
    assert (name(finding, scope) == "r") is fits


def test_what_no_stack_made_fits_no_pattern() -> None:
    assert "no repository" in name(read(), Scope("r", stacks=("*",)))


def test_the_most_conditions_win() -> None:
    finding = read(tags=(("team", "shop"), ("env", "prod")))
    anything, account = Scope("anything"), Scope("account", accounts=(SHOP,))
    tags = Scope("tags", tags={"team": "shop", "env": "prod"})
    assert name(finding, anything) == "anything"
    assert name(finding, anything, account) == "account"
    assert name(finding, tags, anything, account) == "tags"
    assert name(read(f"arn:aws:sqs:eu-west-1:{PAY}:jobs"), tags, anything, account) == "anything"


def test_equal_fits_are_left_to_a_person() -> None:
    said = name(read(), Scope("a", accounts=(SHOP,)), Scope("b", accounts=(SHOP,)), Scope("c"))
    assert said == "several repositories fit it equally well: a, b"


def test_a_repository_that_fits_twice_is_one() -> None:
    assert name(read(tags=(("t", "1"),)), Scope("a", accounts=(SHOP,)), Scope("a", tags={"t": "1"})) == "a"


@pytest.mark.parametrize(
    ("finding", "described"),
    [
        (read(), f"account {SHOP}"),
        (read("jobs"), "a finding that names no account"),
        (read(tags=(STACK,)), f"account {SHOP}, stack shop-prod"),
    ],
)
def test_what_fits_nowhere_is_described(finding: Finding, described: str) -> None:
    said = name(finding, Scope("r", accounts=(PAY,)))
    assert said == f"no repository for {described}: see `repositories` in iacfix.yaml"


def test_what_a_state_in_its_buckets_knows_belongs_to_a_repository() -> None:
    scopes = (Scope("a", state_buckets=("states",)), Scope("b", state_buckets=("states",)), Scope("c"))
    assert name(read(), *scopes, known="b") == "b"
    assert name(read(), *scopes) == "c"
    assert "no repository" in name(read(), *scopes[:2])


def test_states_are_asked_last() -> None:
    asked: list[str] = []

    def know(scope: Scope) -> bool:
        asked.append(scope.name)
        return True

    buckets = ("states",)
    scopes = [
        Scope("other account", accounts=(PAY,), state_buckets=buckets),
        Scope("other tag", tags={"a": "b"}, state_buckets=buckets),
        Scope("other stack", stacks=("x",), state_buckets=buckets),
        Scope("no buckets", accounts=(SHOP,)),
        Scope("fits", accounts=(SHOP,), state_buckets=buckets),
    ]
    chosen = choose(read(), scopes, know)
    assert isinstance(chosen, Scope)
    assert (chosen.name, asked) == ("fits", ["fits"])


def test_of_a_tag_that_stands_twice_the_last_one_counts() -> None:
    finding = cloud("AwsSqsQueue", QUEUE, tags=(("team", "pay"), ("team", "shop")))
    assert name(finding, Scope("pay", tags={"team": "pay"}), Scope("shop", tags={"team": "shop"})) == "shop"


SCOPES = st.builds(
    Scope,
    st.sampled_from("abc"),
    st.sampled_from([(), (SHOP,), (PAY,)]),
    st.dictionaries(st.sampled_from(["team", "env"]), st.sampled_from(["shop", "prod"]), max_size=2),
    st.sampled_from([(), ("shop-*",), ("pay-*",)]),
    st.sampled_from([(), ("states",)]),
)


@given(st.lists(SCOPES, max_size=4), st.randoms())
def test_the_order_of_repositories_says_nothing(scopes: list[Scope], random: Random) -> None:
    finding = read(tags=(("team", "shop"), ("env", "prod"), STACK))
    shuffled = random.sample(scopes, len(scopes))
    first, second = (name(finding, *each, known="b") for each in (scopes, shuffled))
    assert sorted(first.replace(",", "").split()) == sorted(second.replace(",", "").split())
