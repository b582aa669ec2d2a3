"""Holds the import table of ARCHITECTURE.md: which room may import which."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "iacfix"

PURE = {"domain"}
WORK = {"domain", "controls", "iac", "patches", "ports"}
ROOMS: dict[str, set[str]] = {
    "domain": set(),
    "ports": PURE,
    "config": PURE,
    "controls": PURE,
    "findings": {"domain", "controls"},
    "iac": PURE,
    "locators": {"domain", "iac", "ports"},
    "patches": PURE,
    "generation": WORK,
    "validators": WORK,
    "pull_requests": PURE,
    "workflows": WORK | {"findings", "locators", "generation", "validators", "pull_requests"},
    "adapters": {"domain", "ports", "config"},
    "testing": {"domain", "ports"},
}
EVERYTHING = set(ROOMS) | {"entry"}
ROOMS["entry"] = EVERYTHING
NO_CODE = {"prompts"}

OUTSIDE = {"boto3", "botocore", "subprocess", "socket", "http", "urllib", "requests", "socketserver"}
MAY_REACH_OUTSIDE = {"adapters", "testing"}
MAY_READ_ENVIRONMENT = {"entry", "config"}
MAY_PRINT = {"entry", "testing"}
MAX_LINES = 400


def room_of(path: Path, source: Path) -> str:
    return path.relative_to(source).parts[0].removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Everywhere: under TYPE_CHECKING and in functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def violations(source: Path) -> Iterator[str]:
    for path in sorted(source.rglob("*.py")):
        room = room_of(path, source)
        if room == "__init__":
            continue
        where = path.relative_to(source.parent)
        if room not in ROOMS:
            yield f"{where}: the room {room} is not in the table"
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name in imports(tree):
            if reason := objection(room, name):
                yield f"{where}:{line} imports {name}: {reason}"
        yield from (f"{where}:{line}: {what}" for line, what in deeds(room, tree))
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES:
            yield f"{where}: {length} lines, and {MAX_LINES} is the most"


def objection(room: str, name: str) -> str:
    if name.startswith("."):
        return "imports are absolute"
    first, _, rest = name.partition(".")
    if first == "iacfix" and rest:
        other = rest.split(".")[0]
        allowed = ROOMS[room] | {room}
        return "" if other in allowed else f"{room} may import {', '.join(sorted(allowed))}"
    if first in OUTSIDE and room not in MAY_REACH_OUTSIDE and name != "urllib.parse":
        return f"only {' and '.join(sorted(MAY_REACH_OUTSIDE))} reach outside"
    return ""


def deeds(room: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    found = (node for node in ast.walk(tree) if isinstance(node, (ast.Attribute, ast.Call)))
    for node in found:
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} and room not in MAY_READ_ENVIRONMENT:
            yield node.lineno, "the environment is read in entry and config alone"
        prints = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        if prints and room not in MAY_PRINT:
            yield node.lineno, "results are printed by entry alone"


def test_every_module_keeps_to_the_table() -> None:
    assert list(violations(SOURCE)) == []


def test_every_room_of_the_table_is_there() -> None:
    there = {room_of(path, SOURCE) for path in SOURCE.rglob("*.py")} - {"__init__"}
    assert there == set(ROOMS)
    assert all(not list((SOURCE / room).rglob("*.py")) for room in NO_CODE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import boto3\n", "only adapters and testing reach outside"),
        ("def f():\n    from iacfix.entry import cli\n", "domain may import domain"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import iacfix.ports\n", "domain may import domain"),
        ("from . import finding\n", "imports are absolute"),
        ("import os\nos.environ['A']\n", "the environment is read in entry and config alone"),
        ("print('x')\n", "results are printed by entry alone"),
        ("x = 1\n" * (MAX_LINES + 1), "is the most"),
    ],
)
def test_the_checker_sees_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    room = tmp_path / "iacfix" / "domain"
    room.mkdir(parents=True)
    (room / "bad.py").write_text(text)
    (found,) = violations(tmp_path / "iacfix")
    assert "domain/bad.py" in found
    assert said in found


def test_a_room_that_is_not_in_the_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "iacfix" / "attic").mkdir(parents=True)
    (tmp_path / "iacfix" / "attic" / "x.py").write_text("")
    assert [*violations(tmp_path / "iacfix")] == ["iacfix/attic/x.py: the room attic is not in the table"]


@pytest.mark.parametrize("name", ["prompts", "adapters", "validators"])
def test_the_links_at_the_root_lead_into_the_source(name: str) -> None:
    link = ROOT / name
    assert link.is_symlink()
    assert str(link.readlink()) == os.path.join("src", "iacfix", name)  # noqa: PTH118 - the text of a link


def test_the_architecture_page_names_every_room() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert [room for room in ROOMS if f"`{room}" not in page] == []
