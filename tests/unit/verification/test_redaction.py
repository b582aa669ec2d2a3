"""No credential survives in evidence: at any depth, in any container, in any case, within texts too."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.verification.redaction import DEEPEST, REDACTED, redacted

NAMES = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Authorization")
SECRET = "Zq7survives9Kx"


@st.composite
def _cased(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(NAMES))
    upper = draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    return "".join(char.upper() if up else char.lower() for char, up in zip(name, upper, strict=True))


def _nested_json(name: str, value: object) -> object:
    return json.dumps({"outer": [{name: value}]})


# How a name and its value may stand together.
FORMS: dict[str, Callable[[str, Any], object]] = {
    "field": lambda name, value: {name: value},
    "header": lambda name, value: {"Name": name, "Value": value},
    "entry": lambda name, value: {"key": name, "value": value},
    "pair": lambda name, value: [name, value],
    "tuple": lambda name, value: (name, value),
    "json": _nested_json,
    "json in json": lambda name, value: json.dumps({"body": json.dumps({name: value})}),
    "json in spaces": lambda name, value: f"  {json.dumps([{name: value}], indent=2)}\n",
    "written twice": lambda name, value: f'{{"a": {json.dumps({name: value})}, "a": 1}}',
    "escaped name": lambda name, value: json.dumps({name: value}).replace(f'"{name[0]}', f'"\\u{ord(name[0]):04x}', 1),
    "bytes": lambda name, value: json.dumps({name: value}).encode(),
    "container": lambda name, value: {name: {"inner": [value]}},
    "list": lambda name, value: {name: [value, value]},
}
# Within a text that is something else; the value has no end of its own there but white space or a quote.
TEXTS: dict[str, Callable[[str, str], str]] = {
    "log": lambda name, value: f"request {name}: {value}",
    "query": lambda name, value: f"a=b&{name}={value}&c=d",
    "quoted": lambda name, value: f"said {name} = '{value}' and went",
    "escaped json": lambda name, value: f"body was {json.dumps(json.dumps({name: value}))}",
    "xml": lambda name, value: f"<Credentials><{name}>{value}</{name}></Credentials>",
}


def _wrapped(value: object, wraps: list[str]) -> object:
    for wrap in wraps:
        value = {"list": [value, 1], "object": {"x": value, "y": None}, "tuple": (value,), "json": value}[wrap]
        if wrap == "json":
            value = json.dumps(value, default=lambda inner: inner.decode())
    return value


_wraps = st.lists(st.sampled_from(["list", "object", "tuple", "json"]), max_size=5)


@given(name=_cased(), form=st.sampled_from(sorted(FORMS)), wraps=_wraps)
def test_no_value_survives_in_any_container(name: str, form: str, wraps: list[str]) -> None:
    found = json.dumps(redacted(_wrapped(FORMS[form](name, SECRET), wraps)))
    assert SECRET not in found
    assert REDACTED in found


@given(name=_cased(), form=st.sampled_from(sorted(TEXTS)), wraps=_wraps)
def test_no_value_survives_in_a_text(name: str, form: str, wraps: list[str]) -> None:
    assert SECRET not in json.dumps(redacted(_wrapped(TEXTS[form](name, SECRET), wraps)))


@pytest.mark.parametrize(
    "name", ["x-amz-security-token", "AWS_SECRET_ACCESS_KEY", "Proxy-Authorization", "aws_session_token"]
)
def test_relatives_of_the_names_go_too(name: str) -> None:
    assert redacted({name: SECRET}) == {name: REDACTED}


@pytest.mark.parametrize("depth", [10, DEEPEST, DEEPEST + 1, 5000])
def test_depth_hides_nothing(depth: int) -> None:
    value: object = {"SecretAccessKey": SECRET}
    for _ in range(depth):
        value = [value]
    assert SECRET not in json.dumps(redacted(value))
    text = "[" * depth + json.dumps({"SecretAccessKey": SECRET}) + "]" * depth
    assert SECRET not in json.dumps(redacted({"body": text}))


def test_programs_and_environments_are_emptied() -> None:
    environment = {"Environment": {"Variables": {"GREETING": "hello", "DB": SECRET}}}
    assert redacted(environment) == {"Environment": {"Variables": {"GREETING": REDACTED, "DB": REDACTED}}}
    assert redacted({"UserData": base64.b64encode(b"export A=b").decode()}) == {"UserData": REDACTED}


def test_known_secrets_go_wherever_they_stand() -> None:
    found = json.dumps(redacted({"Description": "key AKIAIOSFODNN7REALKEY", "SecretString": "hunter2"}))
    assert "AKIAIOSFODNN7REALKEY" not in found
    assert "hunter2" not in found


def test_what_is_no_secret_stays_as_it_was() -> None:
    answer = {
        "Status": "Enabled",
        "Rules": [{"Id": 1, "On": True, "None": None, "Ratio": 0.5}],
        "Policy": '{"Version": "2012-10-17", "Statement": []}',
        "KMSMasterKeyID": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    }
    assert redacted(answer) == answer
