import pytest

from iacfix.iac.cloudformation.edits import literal
from iacfix.validators.cloudformation.reach import changed_paths, strays


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"A": 1}, {"A": 1}, []),
        ({"A": 1}, {"A": True}, ["A"]),
        ({"A": 1}, {"A": "1"}, ["A"]),
        ({"A": 1, "B": 2}, {"B": 2, "A": 1}, []),
        ({}, {"A": {"B": {"C": 1}, "D": 2}}, ["A.B.C", "A.D"]),
        ({"A": {"B": 1}}, {}, ["A.B"]),
        ({}, {"A": {}}, ["A"]),
        ({}, {"A": []}, ["A"]),
        ({"A": [1, 2]}, {"A": [2, 1]}, ["A"]),
        ({"A": [1]}, {"A": [1, 2]}, ["A.[]"]),
        ({"A": [{"B": 1, "C": 2}]}, {"A": [{"B": 1, "C": 3}]}, ["A.[].C"]),
        ({"A": [{"B": 1}, {"B": 2}]}, {"A": [{"B": 2}]}, ["A.[].B"]),
        ({"A": {"B": 1}}, {"A": 2}, ["A"]),
        ({"A": {"Ref": "X"}}, {"A": {"Ref": "Y"}}, ["A"]),
        ({"A": {"Fn::If": ["C", 1, 2]}}, {"A": {"Fn::If": ["C", 1, 3]}}, ["A"]),
    ],
)
def test_a_change_is_named_as_deep_as_it_goes(before: object, after: object, expected: list[str]) -> None:
    assert [".".join(path) for path in changed_paths(literal(before), literal(after))] == expected


def test_what_is_out_of_reach_strays() -> None:
    before, after = literal({"A": {"B": 1}, "C": [{"D": 1}]}), literal({"A": {"B": 2, "E": 1}, "C": [{"D": 2, "F": 1}]})
    assert list(strays(before, after, [("A",), ("C", "[]", "D")])) == [("C", "[]", "F")]
    assert list(strays(before, after, [("A", "B")])) == [("A", "E"), ("C", "[]", "D"), ("C", "[]", "F")]
    assert list(strays(None, after, [("A",), ("C",)])) == []
