"""What we render, applied by git itself."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from iacfix.domain.proposal import Edit
from iacfix.patches import render_diff

ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", "-c", "core.autocrlf=false", *arguments]
    done = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def applied_by_git(edits: list[Edit], is_sensitive: Callable[[str], bool] | None = None) -> list[bytes]:
    diff = render_diff(edits, is_sensitive=is_sensitive)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git(folder, "init", "-q")
        for edit in edits:
            file = folder / edit.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(edit.before)
        git(folder, "apply", "-", stdin=diff.encode())
        return [(folder / edit.path).read_bytes() for edit in edits]


LONG = b"".join(b"%d\n" % number for number in range(40))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"a\nb\n", b"a\nc\n", id="plain"),
        pytest.param(b"a\r\nb\r\nc\r\n", b"a\r\nx\r\nc\r\n", id="CRLF"),
        pytest.param(b"a\r\nb\nc\r\n", b"a\r\nb\r\nc\n", id="mixed endings"),
        pytest.param(b"a\nb", b"a\nb\n", id="newline added at the end"),
        pytest.param(b"a\nb\n", b"a\nb", id="newline taken at the end"),
        pytest.param(b"a\nb", b"x\nb", id="no newline at the end, in context"),
        pytest.param(b"a\nb", b"a\nb\nc", id="line added after an unfinished one"),
        pytest.param(b"a\nb\nc", b"a\nb", id="unfinished line removed"),
        pytest.param("\ufeffa\nb\n".encode(), "\ufeffx\nb\n".encode(), id="BOM kept"),
        pytest.param("\ufeffa\nb\n".encode(), b"a\nb\n", id="BOM removed"),
        pytest.param(b"", b"a\nb\n", id="empty before"),
        pytest.param(b"a\nb\n", b"", id="empty after"),
        pytest.param(b"", b"a", id="empty before, unfinished after"),
        pytest.param(LONG, b"new\n" + LONG, id="at the top"),
        pytest.param(LONG, LONG + b"new\n", id="at the end"),
        pytest.param(LONG, LONG.replace(b"\n10\n", b"\n").replace(b"\n30\n", b"\nx\ny\n"), id="two hunks"),
        pytest.param(b"a\n\n\n\nb\n", b"a\n\n\n\n\nb\n", id="blank lines"),
        pytest.param(b"-- x\n", b"++ y\n", id="lines like headers"),
        pytest.param(b"a\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8b\n", b"c\rd\n", id="other line separators"),
        pytest.param(b"x\n" * 40, b"x\n" * 20 + b"y\n" + b"x\n" * 20, id="repeated lines"),
    ],
)
def test_git_makes_the_same_bytes(before: bytes, after: bytes) -> None:
    assert applied_by_git([Edit("modules/main.tf", before, after)]) == [after]


@pytest.mark.parametrize("changed", [0, 1, 2, 20, 37, 38, 39])
@pytest.mark.parametrize("offset", range(-3, 4))
@pytest.mark.parametrize("replacement", [b"", b"new\n", b"new\n%b"])
def test_git_applies_hunks_whose_context_is_cut(changed: int, offset: int, replacement: bytes) -> None:
    lines = LONG.splitlines(keepends=True)
    new = replacement.replace(b"%b", lines[changed])
    after = b"".join([*lines[:changed], new, *lines[changed + 1 :]])
    sensitive = str(changed + offset)
    assert applied_by_git([Edit("x", LONG, after)], lambda line: line == sensitive) == [after]


def test_git_applies_hunks_without_any_context() -> None:
    after = LONG.replace(b"\n7\n", b"\n7\nnew\n").replace(b"\n20\n", b"\n") + b"last\n"
    assert applied_by_git([Edit("x", LONG, after)], lambda _: True) == [after]


def test_git_applies_several_files() -> None:
    edits = [Edit("a.tf", b"1\n", b"2\n"), Edit("same.tf", b"s\n", b"s\n"), Edit("d/b.tf", b"3", b"4\n")]
    assert applied_by_git(edits) == [edit.after for edit in edits]


PATHS = ["with space.tf", "café/main.tf", 'quo"te.tf', "back\\slash.tf", "tab\tnew\nline.tf", "\x01\x7f.tf", "a b/é.tf"]


@pytest.mark.parametrize("path", PATHS)
def test_git_understands_every_path(path: str) -> None:
    assert applied_by_git([Edit(path, b"a\n", b"b\n")]) == [b"b\n"]


@pytest.mark.parametrize("path", ["main.tf", *PATHS])
def test_headers_are_those_of_git(path: str, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"a\n")
    git(tmp_path, "add", "-A")
    file.write_bytes(b"b\n")
    shown = git(tmp_path, "diff").decode()
    without_index = "".join(line for line in shown.splitlines(keepends=True) if not line.startswith("index "))
    assert render_diff([Edit(path, b"a\n", b"b\n")]) == without_index


def is_secret(line: str) -> bool:
    return line == "secret"


words = st.sampled_from(["", "a", "b", "}", "-- x", "++ y", "é", "secret"])
lines = st.lists(st.tuples(words, st.sampled_from(["\n", "\r\n"])), max_size=30)


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    before = draw(lines)
    after = list(before)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(after)))
        after[start : start + draw(st.integers(0, 3))] = draw(lines)[:3]
    texts = ["".join(word + ending for word, ending in side) for side in (before, after)]
    texts = [text.removesuffix("\n") if draw(st.booleans()) else text for text in texts]
    return Edit("main.tf", texts[0].encode(), texts[1].encode())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(edits(), st.sampled_from([None, is_secret]))
def test_git_makes_the_same_bytes_of_any_edit(edit: Edit, is_sensitive: Callable[[str], bool] | None) -> None:
    assume(edit.before != edit.after)
    assert applied_by_git([edit], is_sensitive) == [edit.after]
