import pytest

from iacfix.controls.property_paths import is_listed, parts, without_item


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("A", ("A",)),
        ("A.B.C1", ("A", "B", "C1")),
        ('Parameters."rds.force_ssl"', ("Parameters", "rds.force_ssl")),
        ('"a.b"."c"', ("a.b", "c")),
    ],
)
def test_a_path_is_its_parts(path: str, expected: tuple[str, ...]) -> None:
    assert parts(path) == expected


def test_the_item_of_a_list_is_marked_at_the_end() -> None:
    assert [is_listed(path) for path in ("A.B[]", "A.B")] == [True, False]
    assert [without_item(path) for path in ("A.B[]", "A.B")] == ["A.B", "A.B"]
