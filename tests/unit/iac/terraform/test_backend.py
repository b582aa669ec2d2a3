import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import DocumentError, InputError
from iacfix.iac.terraform.backend import (
    Backend,
    LocalBackend,
    S3Backend,
    UnknownBackend,
    find_backend,
    read_settings,
)
from iacfix.iac.terraform.json_document import read_document

S3 = 'bucket = "states"\n    key = "shop/terraform.tfstate"\n'


def backend(kind: str, body: str = "") -> str:
    return f'terraform {{\n  backend "{kind}" {{\n    {body}\n  }}\n}}\n'


def found(files: dict[str, str], settings: dict[str, str] | None = None) -> Backend | UnknownBackend | None:
    return find_backend([read_document(path, text.encode()) for path, text in files.items()], settings)


def refused(text: str, settings: dict[str, str] | None = None) -> UnknownBackend:
    result = found({"main.tf": text}, settings)
    assert isinstance(result, UnknownBackend), result
    assert result.remedy
    return result


def test_a_backend_in_s3_is_read_whole() -> None:
    role = 'assume_role = {\n      role_arn = "arn:aws:iam::1:role/r"\n      external_id = "x"\n    }\n'
    more = 'region = "eu-west-1"\n    workspace_key_prefix = "ws"\n    profile = "ops"\n    encrypt = true\n'
    assert found({"main.tf": backend("s3", S3 + more + role)}) == S3Backend(
        "states", "shop/terraform.tfstate", "eu-west-1", "ws", "arn:aws:iam::1:role/r", "x", "", "ops"
    )
    old = 'role_arn = "arn:aws:iam::1:role/r"\n    session_name = "iac"\n'
    assert found({"main.tf": backend("s3", S3 + old)}) == S3Backend(
        "states", "shop/terraform.tfstate", role_arn="arn:aws:iam::1:role/r", session_name="iac"
    )


@pytest.mark.parametrize("listed", [False, True])
def test_a_backend_in_json_is_the_same(*, listed: bool) -> None:
    body: object = {"bucket": "states", "key": "k", "assume_role": {"role_arn": "arn:r"}}
    text = json.dumps({"terraform": {"backend": {"s3": [body] if listed else body}}})
    assert found({"main.tf.json": text}) == S3Backend("states", "k", role_arn="arn:r")


@pytest.mark.parametrize(
    ("prefix", "workspace", "key"),
    [
        ("env:", "default", "a/b.tfstate"),
        ("env:", "prod", "env:/prod/a/b.tfstate"),
        ("teams/x", "prod", "teams/x/prod/a/b.tfstate"),
        ("", "prod", "prod/a/b.tfstate"),
        ("env:/", "prod", "env:/prod/a/b.tfstate"),
    ],
)
def test_a_workspace_has_a_key_of_its_own(prefix: str, workspace: str, key: str) -> None:
    assert S3Backend("states", "a/b.tfstate", workspace_key_prefix=prefix).key_of(workspace) == key


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "../x", "a b", "é", "a\n", "x" * 91])
def test_a_name_that_no_workspace_has_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="workspace"):
        S3Backend("states", "k").key_of(name)
    with pytest.raises(InputError, match="workspace"):
        LocalBackend().path_of(name)


def test_a_local_backend_has_its_paths() -> None:
    assert found({"main.tf": backend("local")}) == LocalBackend()
    here = found({"main.tf": backend("local", 'path = "s/x.tfstate"\n    workspace_dir = "w"\n')})
    assert here == LocalBackend("s/x.tfstate", "w")
    assert here.path_of() == "s/x.tfstate"
    assert here.path_of("prod") == "w/prod/terraform.tfstate"


def test_where_none_is_named_there_is_none() -> None:
    assert found({"main.tf": 'terraform {\n  required_version = ">= 1.0"\n}\n'}) is None
    assert found({}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('terraform {\n  cloud {\n    organization = "acme"\n  }\n}\n', "HCP Terraform"),
        (backend("remote", 'organization = "acme"\n'), "HCP Terraform"),
        (backend("gcs", 'bucket = "b"\n'), 'backend "gcs"'),
        (backend("s3", S3) + backend("local"), "2 places for its state: local and s3"),
        (backend("s3"), 'backend "s3" leaves bucket and key open'),
        (backend("s3", 'key = "k"\n'), 'backend "s3" leaves bucket open'),
        (backend("s3", 'key = ""\n    bucket = "b"\n'), 'backend "s3" leaves key open'),
        (backend("s3", S3 + "region = var.region\n"), 'backend "s3" leaves region open'),
        (backend("s3", S3 + "assume_role = local.role\n"), 'backend "s3" leaves assume_role open'),
        (backend("s3", S3 + "assume_role = {\n      role_arn = var.r\n    }\n"), "leaves role_arn open"),
        (backend("s3", S3.replace('"states"', '"${var.x}-states"')), "leaves bucket open"),
        (backend("s3", S3.replace('"states"', "7")), "leaves bucket open"),
        (backend("s3", S3.replace("states", "s" * 1025)), "leaves bucket open"),
        (backend("s3", S3 + 'endpoint = "http://evil.example"\n'), "endpoint"),
        (backend("s3", S3 + 'endpoints = {\n      s3 = "http://evil.example"\n    }\n'), "endpoint"),
        (backend("s3", S3 + 'sse_customer_key = "AAAA"\n'), "encrypted"),
        (backend("local", "path = var.path\n"), 'backend "local" leaves path open'),
    ],
)  # fmt: skip
def test_what_the_code_does_not_tell_is_said(text: str, said: str) -> None:
    result = refused(text)
    assert said in result.reason
    assert "evil" not in result.reason


def test_a_partial_configuration_is_completed_by_its_settings() -> None:
    file = read_settings(
        "prod.s3.tfbackend", b'bucket = "states"\nkey = "prod"\nregion = "eu-west-1"\nencrypt = true\n'
    )
    assert dict(file) == {"bucket": "states", "key": "prod", "region": "eu-west-1"}
    assert found({"main.tf": backend("s3")}, dict(file)) == S3Backend("states", "prod", "eu-west-1")
    assert found({"main.tf": backend("s3", S3)}, {"key": "other"}) == S3Backend("states", "other")
    assert "endpoint" in refused(backend("s3", S3), {"endpoints": "x"}).reason
    with pytest.raises(DocumentError):
        read_settings("x.tfbackend", b"bucket = \n")


def test_an_override_file_goes_before_the_others() -> None:
    files = {"override.tf": backend("local"), "main.tf": backend("s3", S3), "z.tf": backend("gcs")}
    assert found(files) == LocalBackend()
    files["b_override.tf"] = 'terraform {\n  required_version = "1"\n}\n'
    assert found(files) == LocalBackend()


def test_credentials_are_not_read() -> None:
    text = backend("s3", S3 + 'access_key = "AKIAIOSFODNN7EXAMPLE"\n    secret_key = "hidden"\n')
    assert "hidden" not in repr(found({"main.tf": text}))
    assert "AKIA" not in repr(found({"main.tf": text}))


def test_a_name_with_odd_characters_is_shown_plainly() -> None:
    text = json.dumps({"terraform": {"backend": {"\x1b[2J": {}}}})
    result = found({"main.tf.json": text})
    assert isinstance(result, UnknownBackend)
    assert result.reason.isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["s3", "local", "bucket", "key", "assume_role", "cloud"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_stands_there_has_an_answer(inside: object) -> None:
    text = json.dumps({"terraform": {"backend": inside}})
    try:
        result = found({"main.tf.json": text})
    except DocumentError:
        return
    assert result is None or isinstance(result, S3Backend | LocalBackend | UnknownBackend)
