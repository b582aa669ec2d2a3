"""A followed value is judged as if it stood at the resource."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support.code import block, variable
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.control import Control, EnsureBlock, Literal, Risk, SetAttribute, Step, TerraformFix, Variant, Want
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Declined
from iacfix.domain.verdict import Accepted, Rejected, StageName
from iacfix.locators.locate import locate
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer
from iacfix.workflows.follow import Followed

CATALOGUE = load_catalogue()
OFF = {"variables.tf": variable("x", "false")}


def control(resource_type: str, *steps: Step) -> Control:
    fix = TerraformFix((resource_type,), (), (Variant((), steps),))
    return Control("c", "It is so", "Why.", "s", Risk.LOW, {}, (), fix)


def followed(folder: Path, files: Mapping[str, str], asked: Control, address: str) -> Followed | Declined | None:
    repo = repository(folder, files)
    read = finding("X", address)
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location)
    return Fixer(CATALOGUE, repo).followed(asked, location)


@pytest.mark.parametrize(
    ("attribute", "wanted", "default", "said"),
    [
        ("encrypted", True, "false", "encrypted is changed, which replaces the resource"),
        ("force_destroy", True, "false", "force_destroy is switched on"),
        ("deletion_protection", False, "true", "deletion_protection is given up"),
        ("tags_of", "*", '"a"', "a permission gets a wildcard"),
        ("on", True, "false", ""),
    ],
)
def test_what_no_fix_does_to_a_resource_no_variable_does_for_it(
    tmp_path: Path, attribute: str, wanted: Literal, default: str, said: str
) -> None:
    files = {
        "main.tf": block('resource "aws_ebs_volume" "a"', **{attribute: "var.x"}),
        "variables.tf": variable("x", default),
    }
    asked = control("aws_ebs_volume", SetAttribute(attribute, Want(equals=wanted)))
    found = followed(tmp_path, files, asked, "aws_ebs_volume.a")
    assert isinstance(found, Followed), found
    verdict = judge(found.candidate, found.case)
    if not said:
        assert isinstance(verdict, Accepted)
        return
    assert isinstance(verdict, Rejected)
    assert (verdict.stage, said in verdict.reason) == (StageName.HAZARDS, True)


def test_what_a_nested_block_reads_is_followed(tmp_path: Path) -> None:
    files = {**OFF, "main.tf": 'resource "aws_t" "a" {\n  logs {\n    general = var.x\n  }\n}\n'}
    steps = (SetAttribute("general", Want(equals=True)),)
    found = followed(tmp_path, files, control("aws_t", EnsureBlock("logs", steps)), "aws_t.a")
    assert isinstance(found, Followed)
    assert isinstance(judge(found.candidate, found.case), Accepted)


def test_what_its_owner_made_of_a_block_stays(tmp_path: Path) -> None:
    files = {**OFF, "main.tf": 'resource "aws_t" "a" {\n  logs {\n    general = var.x\n  }\n}\n'}
    steps = (SetAttribute("general", Want(equals=True)),)
    found = followed(tmp_path, files, control("aws_t", EnsureBlock("logs", steps, steps)), "aws_t.a")
    assert isinstance(found, Declined)
    assert found.reading is None


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((SetAttribute("on", Want(equals="")),), "whole value that is to stand there is not known"),
        (
            (SetAttribute("on", Want(equals=True)), SetAttribute("more", Want(equals=True))),
            "that alone is not enough for aws_t.a, which still lacks something",
        ),
        (
            (SetAttribute("on", Want(equals=True)), SetAttribute("on", Want(equals=False))),
            "that alone does not show that it is so",
        ),
    ],
)
def test_one_value_that_does_not_make_it_so_is_left(tmp_path: Path, steps: tuple[Step, ...], said: str) -> None:
    files = {**OFF, "main.tf": block('resource "aws_t" "a"', on="var.x")}
    found = followed(tmp_path, files, control("aws_t", *steps), "aws_t.a")
    assert isinstance(found, Declined)
    assert said in found.reason


@pytest.mark.parametrize(
    ("want", "default", "becomes"),
    [
        (Want(at_least=7), "1", "7"),
        (Want(at_most=30), '"90"', '"30"'),
        (Want(one_of=("a", "b")), '"c"', '"a"'),
        (Want(includes=("a", "b")), '["b"]', '["b", "a"]'),
        (Want(includes=("a", "b")), '[\n    "b",\n  ]', '[\n    "b",\n    "a",\n  ]'),
        (Want(equals=True), '"false"', '"true"'),
        (Want(equals=True), "null", "true"),
    ],
)
def test_the_value_is_written_as_its_owners_write_it(tmp_path: Path, want: Want, default: str, becomes: str) -> None:
    files = {"main.tf": block('resource "aws_t" "a"', on="var.x"), "variables.tf": variable("x", default)}
    found = followed(tmp_path, files, control("aws_t", SetAttribute("on", want)), "aws_t.a")
    assert isinstance(found, Followed), found
    verdict = judge(found.candidate, found.case)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.edits[0].after.decode() == variable("x", becomes)
