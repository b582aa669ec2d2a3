import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support.code import block, bucket, call, variable
from tests.support.repositories import finding, repository

from iacfix.domain.finding import Finding
from iacfix.domain.location import CallSite, Evidence, FixAt, Framework, Input, Location, ModuleChoice, ModuleUse
from iacfix.locators.follow import follow
from iacfix.locators.installed import MANIFEST
from iacfix.locators.locate import locate
from iacfix.locators.module_choice import choose
from iacfix.locators.places import Place, locate_at

WANTED = {
    "aws_kms_key": frozenset({"enable_key_rotation"}),
    "aws_s3_bucket": frozenset({"versioning.enabled"}),
    "aws_s3_bucket_versioning": frozenset({"versioning_configuration.status"}),
}
FOREIGN = "terraform-aws-modules/kms/aws"
ROTATED = block('resource "aws_kms_key" "this"', enable_key_rotation="var.rotate")


def at_hint(
    folder: Path, files: Mapping[str, str], address: str, path: str = "m/main.tf", **how: FixAt
) -> ModuleChoice | None:
    """The choice for what a scanner names in the module's own file."""
    repo = repository(folder, files)
    read = finding("X", address, path)
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location), location
    return choose(location, WANTED, repo, **how)


def at_address(
    folder: Path, files: Mapping[str, str], modules: tuple[str, ...], resource: str = "aws_kms_key.this", root: str = ""
) -> ModuleChoice:
    """The choice for what a state knows by its address."""
    repo = repository(folder, files)
    place = follow(repo, root, modules, *resource.split("."))
    assert isinstance(place, Place), place
    found = choose(locate_at(place, repo, (Evidence("test", "x"),), 1.0), WANTED, repo)
    assert found is not None
    return found


def test_an_input_that_feeds_what_is_at_fault_is_set_in_the_call(tmp_path: Path) -> None:
    files = {"main.tf": call("key", "./m", rotate="false"), "m/main.tf": ROTATED + variable("rotate")}
    choice = ModuleChoice(
        FixAt.CALL,
        "the input rotate of the call feeds what is at fault",
        (Input("aws_kms_key.this", "enable_key_rotation", "rotate"),),
    )
    assert at_address(tmp_path, files, ("key",)) == choice
    assert at_hint(tmp_path, files, "aws_kms_key.this") == choice


@pytest.mark.parametrize(
    "written", ["false", "local.rotate", "var.rotate ? true : false", "var.keys.rotate", '"${var.rotate}-x"']
)
def test_what_no_input_alone_feeds_is_changed_in_the_module(tmp_path: Path, written: str) -> None:
    text = block('resource "aws_kms_key" "this"', enable_key_rotation=written)
    choice = at_address(tmp_path, {"main.tf": call("key", "./m"), "m/main.tf": text}, ("key",))
    assert choice == ModuleChoice(FixAt.MODULE, "no input of the module feeds what is at fault")


def test_whom_a_change_of_the_module_concerns_is_told(tmp_path: Path) -> None:
    files = {"main.tf": call("a", "./m") + call("b", "./m"), "m/main.tf": block('resource "aws_kms_key" "this"')}
    assert at_address(tmp_path, files, ("a",)).reason.endswith(", which 2 calls share")


def test_which_of_several_calls_made_it_is_known_from_a_state_alone(tmp_path: Path) -> None:
    files = {"main.tf": call("a", "./m") + call("b", "./m"), "m/main.tf": ROTATED}
    assert at_address(tmp_path, files, ("a",)).reason == "the input rotate of the call feeds what is at fault"
    unknown = at_hint(tmp_path, files, "aws_kms_key.this")
    assert unknown is not None
    assert unknown.at is FixAt.CALL
    assert unknown.reason.endswith(", and which of 2 calls made it is not known")


def test_the_configuration_may_prefer_the_module(tmp_path: Path) -> None:
    files = {"main.tf": call("key", "./m"), "m/main.tf": ROTATED}
    choice = at_hint(tmp_path, files, "aws_kms_key.this", prefer=FixAt.MODULE)
    assert choice is not None
    assert choice.at is FixAt.MODULE
    assert choice.reason.startswith("the configuration prefers the module, though the input rotate")
    assert choice.inputs


def test_nested_blocks_and_companions_count(tmp_path: Path) -> None:
    versioning = (
        'resource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.this.id\n'
        "  versioning_configuration {\n    status = var.status\n  }\n}\n"
    )
    inline = 'resource "aws_s3_bucket" "this" {\n  versioning {\n    enabled = var.on\n  }\n}\n'
    files = {"main.tf": call("b", "./m"), "m/main.tf": inline, "m/v.tf": versioning}
    choice = at_address(tmp_path, files, ("b",), "aws_s3_bucket.this")
    assert choice.reason == "the inputs on, status of the call feeds what is at fault"
    assert [(each.resource, each.attribute, each.variable) for each in choice.inputs] == [
        ("aws_s3_bucket.this", "versioning.enabled", "on"),
        ("aws_s3_bucket_versioning.v", "versioning_configuration.status", "status"),
    ]


def test_what_feeds_another_resource_of_the_module_does_not_count(tmp_path: Path) -> None:
    others = ROTATED.replace('"this"', '"other"') + (
        'resource "aws_s3_bucket_versioning" "other" {\n  bucket = aws_s3_bucket.other.id\n'
        "  versioning_configuration {\n    status = var.status\n  }\n}\n"
    )
    text = others + block('resource "aws_kms_key" "this"') + bucket("this") + bucket("other")
    files = {"main.tf": call("m", "./m"), "m/main.tf": text}
    for resource in ("aws_kms_key.this", "aws_s3_bucket.this"):
        assert at_address(tmp_path, files, ("m",), resource).at is FixAt.MODULE
    assert at_address(tmp_path, files, ("m",), "aws_s3_bucket.other").at is FixAt.CALL


def test_without_a_module_or_a_known_fault_there_is_no_choice(tmp_path: Path) -> None:
    assert at_hint(tmp_path, {"main.tf": ROTATED}, "aws_kms_key.this", "main.tf") is None
    repo = repository(tmp_path, {"main.tf": call("key", "./m"), "m/main.tf": ROTATED})
    location = Location("m/main.tf", "aws_kms_key.this", Framework.TERRAFORM, 0, 1, 1, 1, (), 1.0, ModuleUse(()))
    assert choose(location, {}, repo) is None


# Modules that are not of the repository


def with_source(inside: str | None, *, key: str = "key", folder: str = ".terraform/modules/key") -> dict[str, str]:
    files = {"live/main.tf": call("key", FOREIGN, version='"3.1.0"')}
    if inside is not None:
        files[f"live/{MANIFEST}"] = json.dumps({"Modules": [{"Key": key, "Source": FOREIGN, "Dir": folder}]})
        files["live/.terraform/modules/key/main.tf"] = inside
    return files


@pytest.mark.parametrize(
    ("inside", "reason", "inputs"),
    [
        (None, f"{FOREIGN} is not of this repository, and its code is not installed: run terraform init to see it", 0),
        ("a {", f"{FOREIGN} is not of this repository, and its code is not installed: run terraform init to see it", 0),
        (ROTATED, f"the input rotate of the call feeds what is at fault in {FOREIGN}", 1),
        (ROTATED.replace('"this"', '"other"'), f"{FOREIGN} is not of this repository, and has no input for this", 0),
        (ROTATED.replace("var.", "local."), f"{FOREIGN} is not of this repository, and has no input for this", 0),
    ],
    ids=["not installed", "broken", "input", "another's input", "no input"],
)
def test_of_a_foreign_module_only_the_call_can_be_changed(
    tmp_path: Path, inside: str | None, reason: str, inputs: int
) -> None:
    choice = at_address(tmp_path, with_source(inside), ("key",), root="live")
    assert (choice.at, choice.reason, len(choice.inputs)) == (FixAt.CALL, reason, inputs)


@pytest.mark.parametrize("folder", ["../../outside", "/etc", ".git", "."])
def test_a_manifest_that_leads_elsewhere_is_no_source(tmp_path: Path, folder: str) -> None:
    choice = at_address(tmp_path, with_source(ROTATED, folder=folder), ("key",), root="live")
    assert (choice.at, choice.inputs) == (FixAt.CALL, ())


def test_what_a_foreign_module_makes_in_a_module_of_its_own_is_not_seen(tmp_path: Path) -> None:
    choice = at_address(tmp_path, with_source(ROTATED), ("key", "inner"), root="live")
    assert choice == ModuleChoice(
        FixAt.CALL, f"{FOREIGN} is not of this repository, and makes it in a module of its own"
    )


def test_of_a_call_without_a_known_resource_every_input_counts(tmp_path: Path) -> None:
    choice = at_hint(tmp_path, with_source(ROTATED), "module.key", "live/main.tf")
    assert choice is not None
    assert [each.variable for each in choice.inputs] == ["rotate"]


def test_a_call_whose_source_is_no_plain_text_is_a_call_still(tmp_path: Path) -> None:
    files = {"main.tf": block('module "key"', source="var.source")}
    choice = at_address(tmp_path, files, ("key",))
    assert choice.at is FixAt.CALL
    assert choice.reason.startswith("the module is not of this repository, and its code is not installed")


def test_calls_through_local_modules_are_named_from_where_terraform_runs(tmp_path: Path) -> None:
    files = with_source(ROTATED, key="app.key")
    files |= {"live/main.tf": call("app", "../app"), "app/main.tf": call("key", FOREIGN)}
    choice = at_address(tmp_path, files, ("app", "key"), root="live")
    assert [each.variable for each in choice.inputs] == ["rotate"]


def test_the_choice_speaks_of_the_call_that_made_it(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": call("key", "./m"), "m/main.tf": ROTATED})
    place = follow(repo, "", ("key",), "aws_kms_key", "this")
    assert isinstance(place, Place)
    location = locate_at(place, repo, (), 1.0)
    assert location.module == ModuleUse(
        (CallSite("main.tf", "module.key", 1),), (CallSite("main.tf", "module.key", 1),)
    )
