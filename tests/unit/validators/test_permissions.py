import json
from collections.abc import Mapping

import pytest

from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Value
from iacfix.validators.permissions import is_only_for_named, statements, widened

READS = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
OURS = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def value(read: object) -> Value:
    if isinstance(read, Mapping):
        return ObjectValue(tuple((name, value(item)) for name, item in read.items()))
    if isinstance(read, list):
        return ListValue(tuple(map(value, read)))
    assert isinstance(read, str)
    return Known(read)


def policy(*made: Mapping[str, object]) -> Value:
    return CallValue("jsonencode", (value({"Version": "2012-10-17", "Statement": list(made)}),))


NARROWER = [
    (READS, READS | {"Resource": "arn:aws:s3:::reports/*"}),
    (READS, READS | {"Resource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]}),
    (READS | {"Action": "s3:*"}, READS),
    (READS | {"Action": "*"}, READS | {"Action": ["s3:Get*", "s3:List*"]}),
    (READS, READS | {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
    (TRUST, TRUST | {"Principal": {"Service": "ec2.amazonaws.com"}}),
]
WIDER = [
    (READS, READS | {"Action": ["s3:*"]}),
    (READS, READS | {"Action": ["s3:G*"]}),
    (READS, READS | {"Action": ["s3:GetObject", "s3:PutObject"]}),
    (READS, READS | {"Resource": "**"}),
    (READS, READS | {"Resource": "?*"}),
    (READS, READS | {"Resource": "arn:*"}),
    (READS, READS | {"Resource": "arn:aws:s3:::*"}),
    (READS, {"Effect": "Allow", "NotAction": "iam:X", "Resource": "*"}),
    (READS, {"Effect": "Allow", "Action": ["s3:GetObject"], "NotResource": "arn:aws:s3:::x"}),
    (READS | {"Condition": {"Bool": {"a": "true"}}}, READS),
    (READS | {"Resource": "arn:aws:s3:::a/*"}, READS | {"Resource": "arn:aws:s3:::b/*"}),
    (TRUST | {"Principal": {"Service": "ec2.amazonaws.com"}}, TRUST),
    (TRUST | {"Principal": {"Service": "ec2.amazonaws.com"}}, TRUST | {"Principal": {"Service": "x.amazonaws.com"}}),
    (OURS, READS),
]


@pytest.mark.parametrize(("was", "now"), NARROWER)
def test_a_policy_may_become_narrower(was: Mapping[str, object], now: Mapping[str, object]) -> None:
    assert widened(policy(was), policy(now)) == ""


@pytest.mark.parametrize(("was", "now"), WIDER)
def test_a_policy_may_not_become_wider(was: Mapping[str, object], now: Mapping[str, object]) -> None:
    assert "allows" in (said := widened(policy(was), policy(now))) or "denial" in said


def test_a_statement_more_must_be_within_what_was_allowed() -> None:
    assert widened(policy(READS), policy(READS, {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "a"})) != ""
    assert widened(policy(READS), policy(READS, OURS)) == ""
    assert widened(policy(READS, OURS), policy(READS)) == "a denial is given up: s3:*, *"


def test_a_policy_in_another_dress_is_no_narrower() -> None:
    twice = READS | {"Action": ["s3:GetObject", "s3:getobject"]}
    assert widened(policy(READS), policy(twice)) == ""  # the same set, which `idle` refuses
    split = (READS | {"Resource": ["*", "arn:aws:s3:::x"]},)
    assert "another way" in widened(policy(READS), policy(*split))


@pytest.mark.parametrize("form", ["text", "template"])
def test_policies_in_json_are_read_too(form: str) -> None:
    text = json.dumps({"Statement": [READS]})
    made: Value = Known(text)
    if form == "template":
        head, tail = text.split('"*"')
        made = Template((Known(head + '"'), Reference(("aws_s3_bucket", "x", "arn")), Known('/*"' + tail)))
    (statement,) = statements(made)
    assert statement.actions == {"s3:getobject"}
    assert statement.resources == {"*" if form == "text" else "${aws_s3_bucket.x.arn}/*"}


def test_what_is_no_policy_has_no_statements() -> None:
    assert list(statements(value({"action": "forward", "type": "x"}))) == []
    assert list(statements(Known("{ not json"))) == []
    assert widened(None, policy(READS)) == ""


def test_a_policy_of_terraforms_own_document_is_read_too() -> None:
    wide = value({"statement": [{"actions": ["ec2:*"], "resources": ["*"]}]})
    narrow = value({"statement": [{"actions": ["ec2:Describe*"], "resources": ["*"]}]})
    assert widened(wide, narrow) == ""
    assert widened(narrow, wide) != ""


def test_who_may_is_named() -> None:
    root = {"AWS": "arn:aws:iam::111122223333:root"}
    assert is_only_for_named(policy({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": root}))
    assert not is_only_for_named(policy(TRUST))
    assert not is_only_for_named(policy(READS))
    assert not is_only_for_named(policy({"Effect": "Allow", "Action": "kms:*", "NotPrincipal": root, "Resource": "*"}))
