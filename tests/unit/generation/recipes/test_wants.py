import pytest

from iacfix.domain.control import Entries, Literal, Setting, Want
from iacfix.generation.recipes.declined import DeclinedError
from iacfix.generation.recipes.wants import Holds, equal, holds, missing, wanted
from iacfix.iac.cloudformation.edits import literal
from iacfix.iac.values import ListValue, ObjectValue, Unknown, Value

TEAM = Entries((("Key", "team"),))
DEEP = Entries((("A", Entries((("B", (1, 2)),))),))


@pytest.mark.parametrize(
    ("value", "wish", "expected"),
    [
        (literal({"Key": "team", "More": 1}), TEAM, Holds.YES),
        (literal({"Key": "other"}), TEAM, Holds.NO),
        (literal({}), TEAM, Holds.NO),
        (literal("team"), TEAM, Holds.NO),
        (literal({"Key": {"Ref": "P"}}), TEAM, Holds.UNKNOWN),
        (literal({"Ref": "P"}), TEAM, Holds.UNKNOWN),
        (ObjectValue((), complete=False), TEAM, Holds.UNKNOWN),
        (literal({"A": {"B": [1, 2], "C": 3}}), DEEP, Holds.YES),
        (literal({"A": {"B": [1]}}), DEEP, Holds.NO),
        (literal({"A": {"B": [1, {"Ref": "P"}]}}), DEEP, Holds.UNKNOWN),
        (literal([1, 3]), (1, 2), Holds.NO),
        (ListValue((Unknown("x"),)), (1, 2), Holds.UNKNOWN),
    ],
)
def test_a_mapping_is_met_by_what_holds_it_all(value: Value, wish: Literal, expected: Holds) -> None:
    assert equal(value, wish) is expected


OLD = Want(equals=Setting("runtime", instead_of=("old", "older")))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (literal("old"), Holds.NO),
        (literal("new"), Holds.YES),
        (literal(""), Holds.NO),
        (literal({"Ref": "P"}), Holds.UNKNOWN),
        (literal(["older", "old"]), Holds.NO),
        (literal(["new"]), Holds.YES),
        (literal([]), Holds.NO),
        (literal(["new", "old"]), Holds.UNKNOWN),  # what else is in it would be lost
    ],
)
def test_a_setting_takes_the_place_of_what_is_named_as_wrong_and_of_nothing_else(value: Value, expected: Holds) -> None:
    assert holds(OLD, value, {"runtime": "newest"}) is expected
    assert wanted(OLD, {"runtime": "newest"}) == "newest"


def test_a_list_lacks_the_items_that_nothing_in_it_meets() -> None:
    owner = Entries((("Key", "owner"),))
    want = Want(includes=(TEAM, owner))
    present = literal([{"Key": "team", "Value": "shop"}])
    assert holds(want, present, {}) is Holds.NO
    assert missing(want, present) == (owner,)


def test_a_value_of_the_user_comes_from_the_configuration_or_the_fallback() -> None:
    assert wanted(Want(equals=Setting("key", "k")), {}) == "k"
    assert wanted(Want(at_least=Setting("days", 7)), {"days": 30}) == 30
    with pytest.raises(DeclinedError, match=r"defaults: \{key: …\}"):
        wanted(Want(equals=Setting("key")), {})
