"""What other pipelines are given to run: files that cannot be run here, and are held to the command line."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from iacfix.entry.cli.commands import NAMES, command

ROOT = Path(__file__).resolve().parents[3]
WRITTEN = [
    *(ROOT / name for name in ("action.yml", ".pre-commit-hooks.yaml", "templates/iacfix.yml")),
    *(ROOT / "docs" / name for name in ("github-action.md", "gitlab-component.md", "bitbucket-pipelines.md")),
]
_INPUT = re.compile(r"\$\[\[ inputs\.([a-z-]+) \]\]")


def hooks() -> list[dict[str, object]]:
    found = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, list)
    return found


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """`generate` and `open-pr` with the options that follow in the same command."""
    for line in text.splitlines():
        if match := re.search(r"\b(generate|open-pr) (--[^|>`&]*)", line):
            yield match[1], re.findall(r"--[a-z-]+", match[2])


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_every_option_that_is_written_down_is_there(path: Path) -> None:
    for name, options in commands(path.read_text(encoding="utf-8")):
        known = command(name)
        assert known is not None
        assert set(options) <= {option for each in known.params for option in each.opts}


def test_the_hook_is_a_command_that_can_be_parsed() -> None:
    (hook,) = hooks()
    words = shlex.split(str(hook["entry"])) + [str(each) for each in hook["args"]]  # type: ignore[attr-defined] # a list
    assert words[:2] == ["iacfix", "generate"]
    generate = command("generate")
    assert generate is not None
    context = generate.make_context("generate", words[2:])
    assert isinstance(context, click.Context)
    assert context.params["apply_edits"]


def test_the_component_declares_its_inputs_and_puts_none_into_a_script() -> None:
    text = (ROOT / "templates" / "iacfix.yml").read_text(encoding="utf-8")
    header, jobs = yaml.safe_load_all(text)
    assert set(_INPUT.findall(text)) == set(header["spec"]["inputs"])
    propose, write = jobs["iacfix-propose"], jobs["iacfix-open-pr"]
    scripts = [*jobs[".iacfix"]["before_script"], *propose["script"], *write["script"]]
    assert [line for line in scripts if "$[[" in line] == []
    assert "environment" not in propose  # which holds the token
    assert "IACFIX_MODEL" not in write.get("variables", {})


def test_every_command_is_there_and_has_its_line() -> None:
    assert len(set(NAMES)) == len(NAMES)
    for name in NAMES:
        known = command(name)
        assert known is not None
        assert known.name == name
        assert known.help
    assert command("nothing") is None
