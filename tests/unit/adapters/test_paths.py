import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.adapters.paths import is_plain, require_plain
from iacfix.domain.errors import UnsafePathError


@pytest.mark.parametrize("path", ["main.tf", "a/b/c.tf", "..a/b..", "with space.tf", "ünïcode.tf", ".github/x.tf"])
def test_a_plain_path_is_taken_as_it_is(path: str) -> None:
    assert require_plain(path) == path


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "empty"),
        ("/etc/passwd", "absolute"),
        ("../x.tf", "leads out"),
        ("a/../../x.tf", "leads out"),
        ("a/..", "leads out"),
        ("./x.tf", "shortest form"),
        ("a//x.tf", "shortest form"),
        ("a/", "shortest form"),
        ("a\\..\\x.tf", "backslash"),
        ("a\0.tf", "control characters"),
        ("a\n.tf", "control characters"),
        ("a\udcff.tf", "not UTF-8"),
        (".git/config", "git's own folder"),
        ("modules/a/.GIT/config", "git's own folder"),
    ],
)
def test_any_other_is_refused_and_the_error_says_why_and_what_to_give(path: str, words: str) -> None:
    assert not is_plain(path)
    with pytest.raises(UnsafePathError, match=words) as caught:
        require_plain(path)
    assert "relative to the repository" in caught.value.remedy
    assert str(caught.value).isprintable()


@given(st.lists(st.sampled_from(["..", ".", "", "a", "b.tf"]), min_size=1, max_size=6))
def test_no_path_made_of_dots_leaves_its_folder(parts: list[str]) -> None:
    assert is_plain("/".join(parts)) == all(part in {"a", "b.tf"} for part in parts)
