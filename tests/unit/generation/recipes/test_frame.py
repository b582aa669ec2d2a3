from dataclasses import dataclass

import pytest

from iacfix.domain.control import Control, Risk, SetAttribute, TerraformFix, Variant, Want
from iacfix.domain.decision import Reading
from iacfix.domain.errors import DocumentError
from iacfix.domain.location import Framework, Location
from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined
from iacfix.generation.recipes.declined import DeclinedError, UnprovenError
from iacfix.generation.recipes.frame import generated, steps_for
from iacfix.patches import apply_patch, read_diff

STEP = SetAttribute("on", Want(equals=True))
FIX = TerraformFix(("aws_t",), (), (Variant((), (STEP,)),))
CONTROL = Control("t", "Title", "Why.", "s", Risk.LOW, {}, (), FIX)
LOCATION = Location("a.tf", "aws_t.x", Framework.TERRAFORM, 0, 1, 1, 1, (), 1.0)


@dataclass(frozen=True)
class Result:
    data: bytes
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ("sets on", "sets on", "adds b")
    readings: tuple[Reading | None, ...] = ()


def test_what_was_made_becomes_a_candidate() -> None:
    found = generated(CONTROL, LOCATION, b"a\n", lambda: Result(b"b\n"))
    assert isinstance(found, Candidate)
    assert (found.generator, found.explanation) == ("recipe:t", "Sets on, adds b.")


def test_a_candidate_tells_what_it_leaves_to_a_choice() -> None:
    found = generated(CONTROL, LOCATION, b"a\n", lambda: Result(b"b\n", assumed=("key is var.key",)))
    assert isinstance(found, Candidate)
    assert found.explanation == "Sets on, adds b. It rests on this: key is var.key."


def test_nothing_made_is_already_fixed_unless_it_hangs_on_a_choice() -> None:
    assert isinstance(generated(CONTROL, LOCATION, b"a\n", lambda: Result(b"a\n")), AlreadyFixed)
    found = generated(CONTROL, LOCATION, b"a\n", lambda: Result(b"a\n", assumed=("on is var.on",)))
    assert isinstance(found, Declined)
    assert "on is var.on" in found.reason


@pytest.mark.parametrize(
    ("error", "unproven"), [(DeclinedError("no"), False), (UnprovenError("no"), True), (DocumentError("no"), True)]
)
def test_an_engine_that_gives_up_declines(error: Exception, unproven: bool) -> None:  # noqa: FBT001 - a column
    def give_up() -> Result:
        raise error

    found = generated(CONTROL, LOCATION, b"a\n", give_up)
    assert isinstance(found, Declined)
    assert found.unproven is unproven


def test_a_hunk_has_the_context_that_it_takes_to_fit_one_place() -> None:
    before = "".join(f"{number}\n" + "same\n" * 8 for number in range(3)).encode()
    after = before.replace(b"1\n" + b"same\n" * 8, b"1\n" + b"same\n" * 4 + b"new\n" + b"same\n" * 4)
    found = generated(CONTROL, LOCATION, before, lambda: Result(after))
    assert isinstance(found, Candidate)
    (patch,) = read_diff(found.diff)
    assert apply_patch(before, patch) == after


def test_a_variant_that_is_not_meant_is_passed_by() -> None:
    assert steps_for(FIX, CONTROL, "aws_t", lambda _: False) == (STEP,)
    with pytest.raises(DeclinedError, match="not of aws_u"):
        steps_for(FIX, CONTROL, "aws_u", lambda _: True)
