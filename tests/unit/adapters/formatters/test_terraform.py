"""The formatter as a program: what it is handed, and what is made of its end."""

import os
import sys
from pathlib import Path

import pytest

from iacfix.adapters.formatters.terraform import TerraformFormatter
from iacfix.ports import ToolError

PROGRAM = """#!{python}
import os, sys, time
assert "fmt" in sys.argv and "SECRET" not in os.environ and os.listdir(".") == ["main.tf"]
open({log!r}, "a").write("x")
text = open(sys.argv[-1], "rb").read()
{extra}
open(sys.argv[-1], "wb").write(text.replace(b"  =", b" ="))
"""


def formatter(folder: Path, extra: str = "", timeout: float = 20) -> TerraformFormatter:
    program = folder / "terraform"
    program.write_text(PROGRAM.format(python=sys.executable, log=str(folder / "log"), extra=extra))
    program.chmod(0o755)
    return TerraformFormatter((str(program),), search_path=os.defpath, timeout=timeout)


def test_a_text_comes_back_laid_out_and_is_asked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    asked = formatter(tmp_path)
    assert [asked.formatted(b"a  = 1\n") for _ in range(2)] == [b"a = 1\n"] * 2
    assert (tmp_path / "log").read_text() == "x"


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("sys.stderr.write('password = \"hunter2-and-more\"'); sys.exit(2)", r"exit code 2: .*\[redacted\]"),
        ("os.kill(os.getpid(), 9)", "exit code -9: without a word"),
        ("time.sleep(60)", "took longer than 1 seconds"),
        ("while True: print('x' * 1000000)", "said more than"),
    ],
)
def test_one_that_does_not_answer_is_named_and_not_started_again(tmp_path: Path, extra: str, said: str) -> None:
    asked = formatter(tmp_path, extra, 1 if "longer" in said else 20)
    for text in (b"a = 1\n", b"b = 1\n"):
        with pytest.raises(ToolError, match=said):
            asked.formatted(text)
    assert (tmp_path / "log").read_text() == "x"


def test_one_that_is_not_there_is_named() -> None:
    with pytest.raises(ToolError, match="terraform was not found"):
        TerraformFormatter(search_path="/nowhere", timeout=1).formatted(b"")
