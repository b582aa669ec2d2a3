from pathlib import Path

from benchmarks import results


def test_a_section_is_replaced_in_its_place_and_no_other() -> None:
    page = results.replaced(results.replaced("# Results\n", "one", "first"), "two", "second")
    assert results.replaced(page, "one", "third\n") == page.replace("first", "third")


def test_replacing_by_the_same_changes_nothing() -> None:
    page = results.replaced("# Results\n", "one", "first")
    assert results.replaced(page, "one", "first") == page


def test_a_section_comes_at_the_end_when_it_is_new(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    results.write("one", "first", page)
    results.write("two", "second", page)
    assert page.read_text() == (
        "# Results\n\n<!-- begin one -->\nfirst\n<!-- end one -->\n\n<!-- begin two -->\nsecond\n<!-- end two -->\n"
    )


def test_a_cell_cannot_break_its_table() -> None:
    assert results.table(("a", "b"), [("x|y", "two\nlines")]).splitlines()[-1] == "| x\\|y | two lines |"


def test_the_last_row_sums_the_others() -> None:
    assert results.totals([("x", 1, 2), ("y", 3, 4)]) == ("all", 4, 6)
