import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.code import bucket
from tests.support.repositories import repository

from iacfix.domain.location import CallSite
from iacfix.locators.installed import MANIFEST, installed

INSIDE = ".terraform/modules/logs/main.tf"


def manifest(*modules: object) -> str:
    return json.dumps({"Modules": modules})


def module(key: object = "logs", folder: object = ".terraform/modules/logs") -> dict[str, object]:
    return {"Key": key, "Source": "registry.terraform.io/x/logs/aws", "Dir": folder}


def calls(*names: str, folder: str = "") -> tuple[CallSite, ...]:
    return tuple(CallSite(f"{folder}main.tf", f"module.{name}", 1) for name in names)


def paths(folder: Path, files: Mapping[str, str], *names: str, root: str = "") -> list[str]:
    return [found.path for found in installed(repository(folder, files), root, calls(*names or ("logs",)))]


def test_what_init_left_is_found_by_the_names_of_the_calls(tmp_path: Path) -> None:
    files = {
        f"live/{MANIFEST}": manifest(
            {"Key": "", "Source": "", "Dir": "."}, module(), module("app.logs", ".terraform/modules/app.logs/sub")
        ),
        f"live/{INSIDE}": bucket(),
        "live/.terraform/modules/app.logs/sub/b.tf": bucket(),
        "live/.terraform/modules/app.logs/sub/a.tf": bucket(),
        "live/.terraform/modules/app.logs/sub/deeper/c.tf": bucket(),
    }
    assert paths(tmp_path, files, root="live") == [f"live/{INSIDE}"]
    top = "live/.terraform/modules/app.logs/sub"
    assert paths(tmp_path, files, "app", "logs", root="live") == [f"{top}/a.tf", f"{top}/b.tf"]
    assert paths(tmp_path, files, "logs", "app", root="live") == []
    assert paths(tmp_path, files) == []


def test_of_the_modules_files_those_in_terraforms_own_language_are_read(tmp_path: Path) -> None:
    top = ".terraform/modules/logs"
    more = {f"{top}/{name}": "{}" for name in ("v.tf.json", "x.tfvars", "README.md", "main.tf.bak")}
    assert paths(tmp_path, {MANIFEST: manifest(module()), INSIDE: bucket(), **more}) == [INSIDE]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '"x"',
        "{}",
        "[" * 100_000,
        '{"Modules":' * 5000,
        '{"Modules": null}',
        '{"Modules": {"Key": "logs", "Dir": "x"}}',
        manifest(None, 1, "logs", ["logs"], {}),
        manifest(module(key=None)),
        manifest(module(key=["logs"])),
        manifest(module(folder=None)),
        manifest(module(folder=7)),
        manifest(module(folder="")),
        manifest(module(folder=".terraform/modules/gone")),
        manifest(module(folder="..")),
        manifest(module(folder="../outside")),
        manifest(module(folder=".terraform/../../outside")),
        manifest(module(folder="/etc")),
        manifest(module(folder="/")),
        manifest(module(folder="a\x00b")),
        manifest(module(folder="\ud800")),
        manifest(module(folder=".git")),
        manifest(module(folder="link")),
        manifest(module(folder="x" * 100_000)),
        '{"Modules": [{"Key": "logs", "Dir": 1' + "0" * 5000 + "}]}",
    ],
    ids=range(29),
)
def test_a_manifest_that_terraform_did_not_write_leads_nowhere(tmp_path: Path, text: str) -> None:
    for folder in ("outside", "repo/.git"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "main.tf").write_text(bucket())
    (tmp_path / "repo" / "link").symlink_to(tmp_path / "outside")
    assert paths(tmp_path / "repo", {MANIFEST: text, INSIDE: bucket()}) == []


@pytest.mark.parametrize("data", [b"\xff\xfe", b'{"Modules": "\xff"}', b" " * (6 * 1024 * 1024)])
def test_a_manifest_that_is_no_text_or_too_large_leads_nowhere(tmp_path: Path, data: bytes) -> None:
    repo = repository(tmp_path, {MANIFEST: "", INSIDE: bucket()})
    (tmp_path / MANIFEST).write_bytes(data)
    assert installed(repo, "", calls("logs")) == ()


def test_a_link_among_the_modules_files_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "outside.tf").write_text(bucket())
    repo = repository(tmp_path / "repo", {MANIFEST: manifest(module()), INSIDE: bucket()})
    (tmp_path / "repo" / INSIDE).with_name("link.tf").symlink_to(tmp_path / "outside.tf")
    assert [found.path for found in installed(repo, "", calls("logs"))] == [INSIDE]


def test_a_module_that_does_not_parse_is_not_known(tmp_path: Path) -> None:
    files = {MANIFEST: manifest(module()), INSIDE: bucket(), ".terraform/modules/logs/x.tf": "resource {"}
    assert paths(tmp_path, files) == []


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Modules", "Key", "Dir", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_whatever_stands_in_a_manifest_nothing_is_raised(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    folder = tmp_path_factory.mktemp("repo")
    assert paths(folder, {MANIFEST: json.dumps({"Modules": value})}) == []
