import pytest

from iacfix.iac.values import CallValue, Known, ObjectValue, Reference, Template, Unknown, Value
from iacfix.validators.differences import Compared, differences
from iacfix.validators.echoed import echoed


def shown(path: str, now: Value, was: Value | None = None) -> str:
    def under(value: Value | None) -> ObjectValue:
        for name in reversed(path.split(".")):
            value = ObjectValue(() if value is None else ((name, value),))
        assert isinstance(value, ObjectValue)
        return value

    found = differences(under(was), under(now))
    marked = ("var", "pin")
    return echoed([Compared("aws_x.y", "aws_x", under(was), under(now), found, found)], lambda parts: parts == marked)


@pytest.mark.parametrize(
    "value",
    [
        Reference(("var", "db_password")),
        Reference(("var", "pin")),
        Reference(("random_password", "root", "result")),
        Reference(("tls_private_key", "x", "private_key_pem")),
        Reference(("data", "aws_secretsmanager_secret_version", "app", "secret_string")),
        Template((Known("t-"), Reference(("aws_iam_access_key", "x", "secret")))),
        CallValue("base64encode", (Reference(("var", "api_token")),)),
        Unknown("var.on ? var.db_password : null"),
        Known("{{resolve:secretsmanager:app:SecretString:password}}"),
    ],
)
def test_a_secret_is_not_shown_where_everybody_looks(value: Value) -> None:
    assert "shows the secret" in shown("tags.Note", value)
    assert shown("tags.Note", value, was=value) == ""


@pytest.mark.parametrize(
    "value",
    [
        CallValue("file", (Known("~/.aws/credentials"),)),
        CallValue("templatefile", (Known("/etc/passwd"), ObjectValue(()))),
        CallValue("nonsensitive", (Reference(("var", "x")),)),
        Template((CallValue("filebase64", (Known("/x"),)),)),
        Unknown('var.on ? file("/x") : ""'),
    ],
)
def test_files_of_the_machine_that_deploys_are_not_read(value: Value) -> None:
    assert "calls " in shown("setting", value)


def test_a_password_is_set_from_a_secret() -> None:
    assert shown("master_password", Reference(("var", "db_password"))) == ""
    assert shown("environment.db_password", Reference(("var", "db_password"))) != ""


@pytest.mark.parametrize(
    "value",
    [
        Reference(("aws_secretsmanager_secret", "db_password", "arn")),
        Reference(("var", "kms_key_id")),
        Reference(("aws_lambda_invocation", "x", "result")),
        Known("password"),
    ],
)
def test_what_only_sounds_like_one_is_no_secret(value: Value) -> None:
    assert shown("tags.Note", value) == ""
