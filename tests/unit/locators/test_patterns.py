import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.iac.terraform.values import Known, Reference, Template, Unknown
from iacfix.locators.patterns import MAX_NAME, MIN_LITERAL, fits, share

GAP = Reference(("var", "env"))


def template(*pieces: str | None) -> Template:
    """None is a gap."""
    return Template(tuple(GAP if piece is None else Known(piece) for piece in pieces))


# Few letters, so that literals stand in names more than once and over one another.
texts = st.text("ab-", max_size=4)
templates = st.lists(st.one_of(st.none(), texts), min_size=1, max_size=7).map(lambda pieces: template(*pieces))


def as_expression(whole: Template) -> str:
    """What the template says, in the slow way."""
    return "".join(re.escape(str(piece.value)) if isinstance(piece, Known) else ".+" for piece in whole.pieces)


def literals(whole: Template) -> int:
    return sum(len(str(piece.value)) for piece in whole.pieces if isinstance(piece, Known))


@given(templates, st.text("ab-", max_size=20))
def test_agrees_with_a_regular_expression(whole: Template, name: str) -> None:
    expected = literals(whole) >= MIN_LITERAL and re.fullmatch(as_expression(whole), name) is not None
    assert fits(whole, name) == expected


@given(templates, st.lists(st.text("ab-", min_size=1), min_size=7, max_size=7))
def test_what_the_template_made_fits(whole: Template, fillings: list[str]) -> None:
    given_texts = iter(fillings)
    name = "".join(str(piece.value) if isinstance(piece, Known) else next(given_texts) for piece in whole.pieces)
    assert fits(whole, name) == (literals(whole) >= MIN_LITERAL)


@pytest.mark.parametrize(
    ("pieces", "name", "expected"),
    [
        (("acme-", None), "acme-logs", True),
        (("acme-", None), "acme-", False),
        (("acme-", None), "xacme-logs", False),
        ((None, "-logs"), "acme-logs", True),
        ((None, "-logs"), "-logs", False),
        ((None, "-logs"), "acme-logs2", False),
        (("ac", None, "gs"), "acme-logs", True),
        (("acme", None, "me"), "acme", False),  # the two would stand over one another
        (("a", None, "b"), "a-b", False),  # too little to say anything
        (("acme-", None, None), "acme-x", False),  # a gap is never empty
        (("acme-", None, None), "acme-xy", True),
        ((None, "aab", None), "aaab-", False),  # four letters are asked for
        ((None, "abab", None), "xababy", True),
        ((None, "-log", None, "-log"), "a-log-log", False),
        ((None, "-log", None, "-log"), "a-log-x-log", True),
    ],
)  # fmt: skip
def test_the_pieces_stand_in_their_order_with_something_between(
    pieces: tuple[str | None, ...], name: str, *, expected: bool
) -> None:
    assert fits(template(*pieces), name) is expected


def test_letters_mean_themselves() -> None:
    assert not fits(template("acme.*", None), "acme-logs")
    assert fits(template("acme.*", None), "acme.*logs")
    assert not fits(template("acme-", None), "ACME-logs")


def test_literals_side_by_side_are_one_and_numbers_are_text() -> None:
    parts = (Unknown("x"), Known("-a"), Known("b-"), Known(7))
    assert fits(Template(parts), "x-a-ab-7")
    assert fits(Template((*parts, Known(value=True))), "x-ab-7true")
    assert fits(Template((Known("acme"),)), "acme")
    assert not fits(Template((Known("acme"),)), "acmes")


def test_a_template_within_a_template_is_read() -> None:
    assert fits(Template((template("acme-", None), Known("-logs"))), "acme-x-logs")


def test_names_that_aws_does_not_give_fit_nothing() -> None:
    assert fits(template("acme-", None), "acme-".ljust(MAX_NAME, "x"))
    assert not fits(template("acme-", None), "acme-".ljust(MAX_NAME + 1, "x"))
    assert not fits(template("acme-", None), "acme-\nx")


def test_many_gaps_in_a_repetitive_name_have_an_end() -> None:
    """A regular expression would try some 10^60 ways to share the name out."""
    pieces = [None, "a"] * 100
    assert not fits(template("aaaa", *pieces, "b"), "a" * MAX_NAME)
    assert fits(template("aaaa", *pieces), "a" * MAX_NAME)


@pytest.mark.parametrize(
    ("pieces", "name", "expected"),
    [
        (("acme-", None), "acme-logs1", 0.5),
        (("acme",), "acme", 1.0),
        (("acme-", None), "acme-123456789012", 1.0),  # an account
        (("acme-", None), "acme-eu-west-1", 1.0),
        (("acme-", None), "acme-us-gov-west-1", 1.0),
        (("acme-", None), "acme-20240102030405060000000001", 1.0),  # what Terraform puts behind a prefix
        (("acme-", None), "acme-1234567890123", 5 / 18),  # no account: a digit too many
        (("acme-eu-west-1-", None), "acme-eu-west-1-x", 1.0),  # and no more than all of it
        ((None,), "", 0.0),
    ],
)  # fmt: skip
def test_the_share_of_a_name_that_is_not_left_to_chance(
    pieces: tuple[str | None, ...], name: str, expected: float
) -> None:
    assert share(template(*pieces), name) == expected
