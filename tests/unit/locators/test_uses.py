from pathlib import Path

from tests.support.code import call, local, variable
from tests.support.repositories import repository

from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.values import Known, Reference, Unknown
from iacfix.locators.uses import used

FILES = {
    "m/main.tf": variable("a", "1") + variable("b", "2") + variable("c", "3"),
    "main.tf": call("m", "./m", a="local.a", b="data.aws_x.y.id") + local(a="var.top") + variable("top"),
    "terraform.tfvars": "top = 7\nrest = 8\n",
}


def test_what_the_one_call_gives_stands_for_the_variables(tmp_path: Path) -> None:
    module = used("m", repository(tmp_path, FILES))
    found = [module.resolve(Reference(("var", name))) for name in "abc"]
    assert found == [Known(7), Unknown("data.aws_x.y.id"), Known(3)]


def test_a_changed_file_counts_in_whichever_folder_it_is(tmp_path: Path) -> None:
    repo = repository(tmp_path, FILES)
    for path, old, new in (("terraform.tfvars", "7", "9"), ("main.tf", "var.top", "9"), ("main.tf", "local.a", "9")):
        changed = TerraformDocument.read(path, FILES[path].replace(f"= {old}", f"= {new}").encode())
        assert used("m", repo, changed).resolve(Reference(("var", "a"))) == Known(9)
    changed = TerraformDocument.read("m/main.tf", FILES["m/main.tf"].replace("3", "9").encode())
    assert used("m", repo, changed).resolve(Reference(("var", "c"))) == Known(9)
    assert used("m", repo).resolve(Reference(("var", "c"))) == Known(3)


def test_of_a_variable_file_only_what_is_changed_is_set_anew(tmp_path: Path) -> None:
    repo = repository(tmp_path, {**FILES, "z.auto.tfvars": "rest = 1\n"})
    module = used("", repo, TerraformDocument.read("terraform.tfvars", b"top = 9\nrest = 8\n"))
    assert dict(module.tfvars) == {"top": Known(9), "rest": Known(1)}


def test_several_calls_give_nothing(tmp_path: Path) -> None:
    files = {**FILES, "other/main.tf": call("m", "../m", a="5")}
    assert used("m", repository(tmp_path, files)).resolve(Reference(("var", "a"))) == Known(1)


def test_calls_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    files = {"a/main.tf": call("b", "../b", x="var.x") + variable("x"), "b/main.tf": call("a", "../a", x="var.x")}
    assert used("a", repository(tmp_path, files)).resolve(Reference(("var", "x"))) != Known(1)
