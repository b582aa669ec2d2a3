import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.generation.model.budget import bytes_of, clipped, cut, tokens

LINES = st.lists(st.text(st.sampled_from("ab={ \r\u2028€"), max_size=12), max_size=60).map("\n".join)


@pytest.mark.parametrize(("text", "count"), [("", 0), ("a", 1), ("a" * 7, 2), ("a" * 8, 3), ("€€", 2)])
def test_an_estimate_goes_by_bytes_and_is_rounded_up(text: str, count: int) -> None:
    assert tokens(text) == count


@given(st.integers(-5, 5_000))
def test_what_fits_the_room_of_an_estimate_is_within_it(count: int) -> None:
    assert tokens("a" * bytes_of(count)) <= max(count, 0)


@given(st.text(), st.integers(3, 40))
def test_a_clipped_text_is_as_short_as_asked(text: str, most: int) -> None:
    short = clipped(text, most)

    assert len(short.encode(errors="surrogatepass")) <= most
    assert short == text or short.endswith("…")


@given(LINES, st.integers(40, 400))
def test_a_cut_is_short_enough_and_says_how_many_lines_it_lacks(text: str, most: int) -> None:
    short = cut(text, most, {"a", "b"})

    assert len(short.encode()) <= most
    kept = [line for line in short.split("\n") if not line.startswith("[iacfix: ")]
    missing = sum(int(line.split()[1]) for line in short.split("\n") if line.startswith("[iacfix: "))
    if short != text:
        count = len(text.split("\n")) - text.endswith("\n")
        assert len([*kept]) - (kept[-1] == "") + missing == count
    assert short == cut(text, most, {"a", "b"})


def test_the_ends_go_before_what_is_named_and_that_before_the_rest() -> None:
    text = "\n".join(
        ["head {", *(f"  filler_{number} = 1" for number in range(200)), "  wanted = 1", "  tail = 1", "}"]
    )
    short = cut(text.replace("filler_100 =", "wanted ="), 330, {"wanted"})

    assert short.startswith("head {\n  filler_0 = 1\n")
    assert "left out]\n  filler_98 = 1\n  filler_99 = 1\n  wanted = 1\n  filler_101 = 1\n  filler_102 = 1\n[" in short
    assert short.endswith("\n  tail = 1\n}")


def test_a_name_counts_where_it_is_set_and_not_where_it_is_mentioned() -> None:
    lines = ["{", *["wanted again"] * 50, '"wanted": 1', *["x"] * 50, "}"]

    assert '"wanted": 1' in cut("\n".join(lines), 180, {"wanted"})


def test_a_huge_block_is_cut_without_trying_every_line() -> None:
    assert cut("wanted = 1\n" * 300_000, 500, {"wanted"}).count("\n") < 60


def test_what_has_no_room_at_all_is_one_mark() -> None:
    assert cut("long " * 100 + "\n" + "more\n" * 3, 30) == "[iacfix: 4 lines left out]\n"
