"""Holds the import table of ARCHITECTURE.md: which room may import which."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from iacfix.controls import load_catalogue
from iacfix.locators.resource_types import table

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
    "notices": PURE,
    "ledger": PURE,
    "triage": {"domain", "controls"},
    "permissions": PURE,
    "runtime": {"domain", "controls", "ports"},
    "verification": {"domain", "controls", "ports"},
    "workflows": WORK
    | {"findings", "locators", "generation", "validators", "pull_requests", "ledger", "triage"}
    | {"runtime", "verification"},
    "adapters": {"domain", "ports", "config", "notices"},
    "testing": {"domain", "ports"},
}
EVERYTHING = set(ROOMS) | {"entry"}
ROOMS["entry"] = EVERYTHING
NO_CODE = {"policies", "prompts"}

OUTSIDE = {"boto3", "botocore", "gitlab", "subprocess", "socket", "http", "urllib", "requests", "socketserver"} | {
    "aiohttp", "asyncio", "ftplib", "httpx", "multiprocessing", "pty", "smtplib", "ssl", "urllib3"
}  # fmt: skip
STARTS_PROGRAMS = {"execv", "execve", "execvp", "fork", "popen", "posix_spawn", "spawnv", "startfile", "system"}
HIDES_AN_IMPORT = {"__import__", "import_module"}
# Two ways to the same end, of which neither may lean on the other.
APART = {"recipes": "iacfix.generation.model", "model": "iacfix.generation.recipes"}
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
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


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
            if reason := objection(room, name) or quarrel(path.relative_to(source), name):
                yield f"{where}:{line} imports {name}: {reason}"
        yield from (f"{where}:{line}: {what}" for line, what in deeds(room, tree))
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES:
            yield f"{where}: {length} lines, and {MAX_LINES} is the most"


def objection(room: str, name: str) -> str:
    if name.startswith("."):
        return "imports are absolute"
    first, _, rest = name.partition(".")
    if first == "iacfix" and rest and rest != "__version__":
        other = rest.split(".")[0]
        allowed = ROOMS[room] | {room}
        return "" if other in allowed else f"{room} may import {', '.join(sorted(allowed))}"
    if first in OUTSIDE and room not in MAY_REACH_OUTSIDE and not f"{name}.".startswith("urllib.parse."):
        return f"only {' and '.join(sorted(MAY_REACH_OUTSIDE))} reach outside"
    return ""


def quarrel(path: Path, name: str) -> str:
    other = APART.get(path.parts[1], "") if path.parts[0] == "generation" else ""
    return (
        f"{path.parts[1]} and {other} do not import each other" if other and f"{name}.".startswith(f"{other}.") else ""
    )


def deeds(room: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for line, name in words(tree):
        last = name.rpartition(".")[2]
        if last in {"environ", "getenv"} and room not in MAY_READ_ENVIRONMENT:
            yield line, "the environment is read in entry and config alone"
        if name == "print" and room not in MAY_PRINT:
            yield line, "results are printed by entry alone"
        if name in {f"os.{verb}" for verb in STARTS_PROGRAMS} and room not in MAY_REACH_OUTSIDE:
            yield line, "only adapters and testing start programs"
        if last in HIDES_AN_IMPORT:
            yield line, "an import that is computed cannot be held to the table"


def words(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Names that are used, with what stands before the last dot where that is a name, and names taken from `os`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, f"{node.value.id}.{node.attr}" if isinstance(node.value, ast.Name) else f".{node.attr}"
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from ((node.lineno, f"os.{alias.name}") for alias in node.names)


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
        ("from urllib import request\n", "only adapters and testing reach outside"),
        ("import urllib.request\n", "only adapters and testing reach outside"),
        ("import os\nos.system('ls')\n", "only adapters and testing start programs"),
        ("from os import popen\n", "only adapters and testing start programs"),
        ("def f():\n    from iacfix.entry import cli\n", "domain may import domain"),
        ("from iacfix import adapters\n", "domain may import domain"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import iacfix.ports\n", "domain may import domain"),
        ("from . import finding\n", "imports are absolute"),
        ("import os\nos.environ['A']\n", "the environment is read in entry and config alone"),
        ("from os import environ as e\n", "the environment is read in entry and config alone"),
        ("print('x')\n", "results are printed by entry alone"),
        ("list(map(print, 'x'))\n", "results are printed by entry alone"),
        ("import importlib\nimportlib.import_module('boto3')\n", "cannot be held to the table"),
        ("__import__('boto3')\n", "cannot be held to the table"),
        ("x = 1\n" * (MAX_LINES + 1), "is the most"),
    ],
)
def test_the_checker_sees_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    (found,) = complaints(tmp_path, "domain/bad.py", text)
    assert "domain/bad.py" in found
    assert said in found


@pytest.mark.parametrize(
    "text", ["from urllib.parse import quote\n", "from iacfix.domain import finding\n", "import ast\n"]
)
def test_the_checker_leaves_alone_what_is_right(tmp_path: Path, text: str) -> None:
    assert complaints(tmp_path, "domain/good.py", text) == []


@pytest.mark.parametrize(("here", "there"), [("recipes", "model"), ("model", "recipes")])
def test_the_two_kinds_of_generators_stay_apart(tmp_path: Path, here: str, there: str) -> None:
    for text in (f"from iacfix.generation import {there}\n", f"import iacfix.generation.{there}.x\n"):
        (found,) = complaints(tmp_path, f"generation/{here}/x.py", text)
        assert "do not import each other" in found
    assert complaints(tmp_path, f"generation/{here}/x.py", f"from iacfix.generation.{here} import x\n") == []


def complaints(folder: Path, name: str, text: str) -> list[str]:
    path = folder / "iacfix" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return [*violations(folder / "iacfix")]


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


# A rule that is set aside, or a test that is, without a word why: nobody could tell whether it still has to be.
SET_ASIDE = re.compile(r"#\s*(noqa|type:\s*ignore)(?!(: [A-Z0-9, ]+ - |\[[a-z, -]+\] # )\w)")
LEFT_OUT = re.compile(
    r"importorskip|pytest\.skip\(\)|skipif\((?![^\n]*reason=)|@pytest\.mark\.(skip|xfail)\b(?!\([^\n]*reason=)"
)


def test_whatever_is_set_aside_says_why() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("src", "tests", "benchmarks", "scripts")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != Path(__file__).resolve()  # which quotes them
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if SET_ASIDE.search(line) or (LEFT_OUT.search(line) and "re.compile" not in line)
    ]
    assert silent == []


@pytest.mark.parametrize(
    "line", ["x = 1  # noqa", "x = 1  # noqa: S101", "x = 1  # type: ignore[misc]", "pytest.importorskip('x')"]
)
def test_silence_is_seen(line: str) -> None:
    assert SET_ASIDE.search(line) or LEFT_OUT.search(line)


def test_the_readme_counts_what_the_catalogue_has() -> None:
    controls = list(load_catalogue())
    page = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    with_recipe = [
        sum(fix is not None and fix.has_recipe for fix in fixes)
        for fixes in zip(*((each.terraform, each.cloudformation) for each in controls), strict=True)
    ]
    assert f"{len(controls)} controls of {len({each.service for each in controls})} services" in page
    assert "{} have a recipe for Terraform, {} for CloudFormation".format(*with_recipe) in page
    assert f"{len(table().rows)} kinds of AWS resources are located" in page
