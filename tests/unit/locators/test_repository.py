from pathlib import Path

import pytest
from tests.support.code import bucket, call, template, variable
from tests.support.repositories import repository

from iacfix.domain.errors import DocumentError, InputError, UnsafePathError
from iacfix.domain.location import CallSite
from iacfix.iac.terraform.values import Known
from iacfix.locators.places import Place, locate_at
from iacfix.locators.repository import MAX_DOCUMENTS, MAX_MODULES


def test_knows_code_variables_and_what_may_be_a_template(tmp_path: Path) -> None:
    names = ("a.tf", "b.tfvars", "c.tf.json", "d.yaml", "e.yml", "f.json", "g.template", "h.tofu", "i.txt", "j.py")
    repo = repository(tmp_path, dict.fromkeys(names, ""))
    assert repo.paths == names[:-2]


def test_a_document_is_parsed_once_until_it_is_replaced(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": bucket("a")})
    first = repo.document("main.tf")
    assert repo.document("main.tf") is first
    repo.replace("main.tf", bucket("b").encode())
    assert [block.address for block in repo.document("main.tf").blocks] == ["aws_s3_bucket.b"]
    assert repo.read("main.tf") == bucket("b").encode()
    assert (tmp_path / "main.tf").read_text() == bucket("a"), "the tree itself stays as it is"


def test_a_file_that_does_not_parse_says_so_each_time(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": "resource {", "stack.yaml": "Resources: ["})
    for _ in range(2):
        with pytest.raises(DocumentError, match=r"main\.tf"):
            repo.document("main.tf")
        with pytest.raises(DocumentError, match=r"main\.tf"):
            repo.entries("main.tf")
        with pytest.raises(DocumentError, match=r"stack\.yaml"):
            repo.template("stack.yaml")


def test_what_is_not_there_or_outside_is_an_error(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": ""})
    assert repo.exists("main.tf")
    assert not repo.exists("gone.tf")
    for read in (repo.read, repo.document, repo.json_document, repo.template, repo.entries):
        with pytest.raises(InputError):
            read("gone.tf")
        with pytest.raises(UnsafePathError):
            read("../gone.tf")


def test_the_entries_of_a_file_are_the_same_with_and_without_an_index(tmp_path: Path) -> None:
    files = {"main.tf": bucket("a"), "s.yaml": template({"Logs": "{}"}), "m.tf.json": '{"variable": {"v": {}}}'}
    repo = repository(tmp_path, files)
    alone = {path: repo.entries(path) for path in files}
    assert all(alone.values())
    assert repo.index.unread == {}
    assert {path: repo.entries(path) for path in files} == alone


def test_a_module_is_the_files_of_its_folder_with_the_variables_that_load_themselves(tmp_path: Path) -> None:
    files = {
        "main.tf": bucket("a", bucket="var.x") + variable("x", '"default"') + variable("y") + variable("z"),
        "terraform.tfvars": 'x = "t"\ny = "t"\n',
        "a.auto.tfvars": 'y = "a"\n',
        "b.auto.tfvars.json": '{"z": "json"}',
        "prod.tfvars": 'x = "prod"\n',
        "broken.tf": "resource {",
        "m/main.tf": bucket("b"),
    }
    repo = repository(tmp_path, files)
    module = repo.module("")
    assert module is repo.module_of("main.tf")
    assert set(module.documents) == {"main.tf"}
    assert [module.variable(name) for name in "xyz"] == [Known("t"), Known("a"), Known("json")]
    assert len(module.unread) == 1
    assert module.unread[0].startswith("broken.tf:1")
    assert repo.module("nowhere").documents == {}


def test_opentofus_file_stands_in_for_the_one_of_the_same_name(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": bucket("a"), "main.tofu": bucket("b"), "x.tf": bucket("c")})
    assert set(repo.module("").documents) == {"main.tofu", "x.tf"}
    assert [path for path, _ in repo.index.entries("")] == ["main.tofu", "x.tf"]


def test_a_change_is_seen_by_whatever_was_made_before_it(tmp_path: Path) -> None:
    files = {
        "main.tf": call("m", "./m", name='"before"'),
        "m/main.tf": variable("name") + bucket("a", bucket="var.name"),
    }
    repo = repository(tmp_path, files)
    module, names, instances = repo.module(""), repo.named, repo.instances
    assert names.names("aws_s3_bucket").exactly("before")
    repo.replace("main.tf", b"# a line\n" + repo.read("main.tf"))
    assert (repo.named, repo.instances) == (names, instances), "only places have changed"
    assert repo.module("") is not module
    repo.replace("main.tf", repo.read("main.tf").replace(b"before", b"after"))
    assert not repo.named.names("aws_s3_bucket").exactly("before")
    assert repo.named.names("aws_s3_bucket").exactly("after")


def test_call_sites_move_with_the_changes(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": call("m", "./m"), "m/main.tf": bucket("a")})
    (inner,) = repo.entries("m/main.tf")
    assert repo.instances.sites("m") == (CallSite("main.tf", "module.m", 1),)
    repo.replace("main.tf", b"# a line\n" + repo.read("main.tf"))
    use = locate_at(Place("m/main.tf", inner), repo, (), 1.0).module
    assert use is not None
    assert use.sites == (CallSite("main.tf", "module.m", 2),)


def test_no_more_is_kept_parsed_than_a_run_can_hold(tmp_path: Path) -> None:
    repo = repository(tmp_path, {f"m{number}/main.tf": "" for number in range(MAX_DOCUMENTS + 2)})
    first = repo.document("m0/main.tf")
    for path in repo.paths:
        repo.document(path)
    assert repo.document("m0/main.tf") is not first
    module = repo.module("m0")
    for number in range(MAX_MODULES + 1):
        repo.module(f"m{number}")
    assert repo.module("m0") is not module


def test_names_in_a_folder_and_large_files_come_from_the_tree(tmp_path: Path) -> None:
    repo = repository(tmp_path, {".terraform/modules/m/main.tf": "", "x.tfstate": "x" * 100})
    assert repo.names_in(".terraform/modules") == ("m/",)
    assert repo.read_large("x.tfstate", 100) == b"x" * 100
    with pytest.raises(InputError, match="larger than"):
        repo.read_large("x.tfstate", 99)
