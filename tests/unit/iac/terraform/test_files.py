import pytest

from iacfix.iac.terraform import files


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("main.tf", "terraform"),
        ("a/main.tofu", "terraform"),
        ("a/main.tf.json", "terraform json"),
        ("main.tofu.json", "terraform json"),
        ("override.tf", "terraform override"),
        ("a/b_override.tf.json", "terraform json override"),
        ("my_override.tofu", "terraform override"),
        ("overrides.tf", "terraform"),
        ("terraform.tfvars", "variables"),
        ("x.auto.tfvars.json", "variables json"),
        (".hidden.tf", ""),
        ("a/.override.tf", ""),
        ("main.tf~", ""),
        ("#main.tf#", ""),
        ("#main.tf", "terraform"),
        ("main.tf.swp", ""),
        ("package.json", ""),
        ("terraform.tfstate", ""),
    ],
)
def test_a_name_says_what_a_file_is(path: str, kinds: str) -> None:
    asked = {
        "terraform": files.is_terraform,
        "variables": files.is_variables,
        "json": files.is_json,
        "override": files.is_override,
    }
    assert " ".join(kind for kind, is_so in asked.items() if is_so(path)) == kinds


def test_variable_files_come_in_the_order_of_terraform() -> None:
    paths = ["prod.tfvars", "b.auto.tfvars", "a.auto.tfvars.json", "terraform.tfvars.json", "terraform.tfvars"]
    assert sorted(paths, key=files.variable_order) == paths[::-1]
    assert [path for path in paths if not files.loaded_by_itself(path)] == ["prod.tfvars"]


def test_opentofu_reads_its_own_file_in_place_of_the_other() -> None:
    paths = ("a/main.tf", "a/main.tofu", "b/main.tf", "c.tf.json", "c.tofu.json", "c.tf", "d.tfvars")
    assert files.without_shadowed(paths) == ("a/main.tofu", "b/main.tf", "c.tofu.json", "c.tf", "d.tfvars")
