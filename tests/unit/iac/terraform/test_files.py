import pytest

from iacfix.iac.terraform import files


@pytest.mark.parametrize(
    ("path", "code", "variables", "json", "override"),
    [
        ("main.tf", True, False, False, False),
        ("a/main.tofu", True, False, False, False),
        ("a/main.tf.json", True, False, True, False),
        ("main.tofu.json", True, False, True, False),
        ("override.tf", True, False, False, True),
        ("a/b_override.tf.json", True, False, True, True),
        ("my_override.tofu", True, False, False, True),
        ("overrides.tf", True, False, False, False),
        ("terraform.tfvars", False, True, False, False),
        ("x.auto.tfvars.json", False, True, True, False),
        (".hidden.tf", False, False, False, False),
        ("a/.override.tf", False, False, False, False),
        ("main.tf~", False, False, False, False),
        ("#main.tf#", False, False, False, False),
        ("#main.tf", True, False, False, False),
        ("main.tf.swp", False, False, False, False),
        ("package.json", False, False, False, False),
        ("terraform.tfstate", False, False, False, False),
    ],
)
def test_a_name_says_what_a_file_is(path: str, code: bool, variables: bool, json: bool, override: bool) -> None:
    assert files.is_terraform(path) is code
    assert files.is_variables(path) is variables
    assert files.is_json(path) is json
    assert files.is_override(path) is override


def test_variable_files_come_in_the_order_of_terraform() -> None:
    paths = ["prod.tfvars", "b.auto.tfvars", "a.auto.tfvars.json", "terraform.tfvars.json", "terraform.tfvars"]
    assert sorted(paths, key=files.variable_order) == paths[::-1]
    assert [path for path in paths if not files.loaded_by_itself(path)] == ["prod.tfvars"]


def test_opentofu_reads_its_own_file_in_place_of_the_other() -> None:
    paths = ("a/main.tf", "a/main.tofu", "b/main.tf", "c.tf.json", "c.tofu.json", "c.tf", "d.tfvars")
    assert files.without_shadowed(paths) == ("a/main.tofu", "b/main.tf", "c.tofu.json", "c.tf", "d.tfvars")
