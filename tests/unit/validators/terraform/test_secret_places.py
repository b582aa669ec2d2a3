import pytest

from iacfix.iac.terraform.document import TerraformDocument
from iacfix.validators.terraform.secret_places import moved_secrets

DATABASE = """resource "aws_db_instance" "a" {
  name     = "é"
  password = "hunter2"
  tags     = { Name = "web" }
  nested {
    value = "AKIAIOSFODNN7EXAMPLE" # key
  }
}
"""


def moved(before: str, after: str) -> str:
    return moved_secrets(*(TerraformDocument.read("main.tf", text.encode()) for text in (before, after)))


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('password = "hunter2"', 'final_password = "hunter2"', "aws_db_instance.a.final_password"),
        ('password = "hunter2"', 'description = "hunter2"', "aws_db_instance.a.description"),
        ('password = "hunter2"\n', '# password = "hunter2"\n', "a comment"),
        ("  nested {", "  tagged {", "aws_db_instance.a.tagged.value"),
        ('resource "aws_db_instance" "a"', 'resource "aws_db_instance" "b"', "aws_db_instance.b.password"),
        ('tags     = { Name = "web" }', 'tags     = { Password = "hunter2" }', "aws_db_instance.a.tags"),
        ('password = "hunter2"\n', 'password = "hunter2"\n  password = "hunter2"\n', "aws_db_instance.a.password"),
    ],
)
def test_a_secret_that_stands_elsewhere_is_named_by_its_place(old: str, new: str, place: str) -> None:
    assert moved(DATABASE, DATABASE.replace(old, new)) == f"a secret is moved to {place}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  nested", "  encrypted = true\n  nested"),
        ('  password = "hunter2"\n', "  password = var.password\n"),
        ('  password = "hunter2"\n', ""),
        ("password = ", "password      = "),
        ("resource", 'resource "aws_kms_key" "k" {\n}\n\nresource'),
        ('  tags     = { Name = "web" }\n', ""),
    ],
)
def test_what_leaves_secrets_where_they_stand_passes(old: str, new: str) -> None:
    assert moved(DATABASE, DATABASE.replace(old, new)) == ""


def test_a_new_secret_is_for_others_to_see() -> None:
    assert moved(DATABASE, DATABASE.replace('"web"', '"ASIAIOSFODNN7EXAMPLE"')) == ""
