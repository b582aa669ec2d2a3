"""Who is let in by a policy, in each form that Terraform writes one in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import DocumentError
from iacfix.iac.policies import Everybody, everybody, only_narrowed, without
from iacfix.iac.terraform import edits, policies
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.values import Known, ListValue, ObjectValue, Reference, Template, Value, same

ROLE = "arn:aws:iam::444455556666:role/reader"


def value(plain: object) -> Value:
    match plain:
        case dict():
            return ObjectValue(tuple((str(name), value(item)) for name, item in plain.items()))
        case list():
            return ListValue(tuple(map(value, plain)))
        case Known() | Reference() | Template():
            return plain
        case _:
            return Known(plain)  # type: ignore[arg-type] # what is left are scalars


def policy(*statements: object) -> Value:
    return value({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal: object, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": principal, "Action": "kms:*", **more}


@pytest.mark.parametrize(
    ("principal", "wanted"),
    [
        ("*", [Everybody(0, ("Statement", 0, "Principal"), others=False)]),
        ({"AWS": "*"}, [Everybody(0, ("Statement", 0, "Principal", "AWS"), others=False)]),
        ({"AWS": ["*"]}, [Everybody(0, ("Statement", 0, "Principal", "AWS"), others=False)]),
        ({"AWS": "*", "Service": "a"}, [Everybody(0, ("Statement", 0, "Principal", "AWS"), others=True)]),
        ({"AWS": [ROLE, "*"]}, [Everybody(0, ("Statement", 0, "Principal", "AWS", 1), others=True, accounts=True)]),
        (
            {"AWS": ["arn:aws:iam::*:root", ROLE]},
            [Everybody(0, ("Statement", 0, "Principal", "AWS", 0), others=True, accounts=True)],
        ),
        ({"AWS": [ROLE]}, []),
        ({"*": ["*"], "AWS": [ROLE]}, [Everybody(0, ("Statement", 0, "Principal", "*"), others=True)]),
        ({"Service": Template((Reference(("var", "name")), Known(".amazonaws.com")))}, []),
        ({"Service": "events.amazonaws.com"}, []),
        ({"AWS": Reference(("aws_iam_role", "x", "arn"))}, []),
        ({"AWS": Template((Known("arn:aws:iam::"), Reference(("var", "account")), Known(":root")))}, []),
    ],
)
def test_everybody_is_found(principal: object, wanted: list[Everybody]) -> None:
    assert list(everybody(policy(allow(principal)))) == wanted


@pytest.mark.parametrize(
    "statement",
    [
        allow({"AWS": [Reference(("var", "who")), ROLE]}),
        allow({"AWS": Reference(("Who",))}),
        allow({"AWS": Template((Reference(("var", "who")), Known("")))}),
        allow(Reference(("var", "who"))),
        allow({"Federated": "*"}),
        {"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "*"},
        {"Principal": "*", "Action": "*"},
        {"Effect": "allow", "Principal": "*", "Action": "*"},
        allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        allow("*", Condition={"StringLike": {"aws:PrincipalArn": "*"}}),
        allow("*", Condition={"StringEquals": {"aws:SourceArn": ["*", "arn:aws:s3:::logs"]}}),
        allow("*", Condition={"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}),
        allow("*", Condition={"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}),
        allow("*", Condition={"StringNotEquals": {"aws:SourceAccount": "111122223333"}}),
    ],
)
def test_what_cannot_be_told_is_an_error(statement: object) -> None:
    with pytest.raises(DocumentError):
        list(everybody(policy(statement)))


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}},
        {"ArnEquals": {"AWS:SourceArn": Reference(("aws_s3_bucket", "x", "arn"))}},
        {"StringEquals": {"aws:PrincipalOrgID": ["o-abcdefghij"]}},
        {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"kms:CallerAccount": "111122223333"}},
    ],
)
def test_a_condition_with_a_fixed_source_is_not_everybody(condition: object) -> None:
    assert list(everybody(policy(allow("*", Condition=condition)))) == []


def test_a_denial_may_be_for_everybody() -> None:
    assert list(everybody(policy({"Effect": "Deny", "Principal": "*", "Action": "*"}))) == []


def test_a_single_statement_needs_no_list() -> None:
    found = list(everybody(value({"Statement": allow({"AWS": ["*", ROLE]})})))
    assert [each.path for each in found] == [("Statement", "Principal", "AWS", 0)]


@pytest.mark.parametrize("written", [Known("{}"), value({}), value({"Statement": "*"}), value({"Statement": ["*"]})])
def test_statements_have_to_be_written_out(written: Value) -> None:
    with pytest.raises(DocumentError):
        list(everybody(written))
    assert not only_narrowed(written, written)


def test_only_the_star_may_go() -> None:
    before = policy(allow({"AWS": ["*", ROLE]}), allow({"AWS": ROLE}))
    after = policy(allow({"AWS": [ROLE]}), allow({"AWS": ROLE}))
    assert only_narrowed(before, after)
    assert only_narrowed(before, before)
    assert not only_narrowed(after, before)
    assert not only_narrowed(before, policy(allow({"AWS": [ROLE]})))
    assert not only_narrowed(before, policy(allow({"AWS": [ROLE]}), allow({"AWS": "*"})))
    services = policy(allow({"AWS": "*", "Service": "a"}))
    alone = policy(allow({"Service": "a"}))
    assert only_narrowed(services, alone)
    assert not only_narrowed(services, alone, keeps_accounts=True)


NAMES = st.lists(st.sampled_from(["*", ROLE, "arn:aws:iam::111122223333:root", "arn:aws:iam::*:root"]), min_size=1, max_size=4)  # fmt: skip
FORMS = {
    "hcl": '  policy = jsonencode({{\n    Statement = [\n      {{\n        Effect    = "Allow"\n        Principal = {{ AWS = {} }}\n      }},\n    ]\n  }})\n',
    "json": '  policy = <<-P\n    {{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": {}}}}}]}}\n  P\n',
}  # fmt: skip


@given(names=NAMES, form=st.sampled_from(sorted(FORMS)), separator=st.sampled_from([", ", ",\n          "]))
def test_taking_out_leaves_the_others_in_their_order(names: list[str], form: str, separator: str) -> None:
    listed = "[" + separator.join(map(json.dumps, names)) + "]"
    text = 'resource "aws_kms_key" "x" {\n' + FORMS[form].format(listed) + "}\n"
    document = TerraformDocument.read("main.tf", text.encode())
    before = policies.read(document.blocks[0].attributes[0])
    while found := list(everybody(policies.read(document.blocks[0].attributes[0]))):
        if not found[0].others:
            assert {name for name in names if ROLE not in name and "111122223333" not in name} == set(names)
            return
        splice = policies.taken_out(document, document.blocks[0].attributes[0], found[0].path)
        document = edits.apply(document, splice)
    after = policies.read(document.blocks[0].attributes[0])
    assert same(after, without(before, [each.path for each in everybody(before)]))
    assert only_narrowed(before, after)


@pytest.mark.parametrize(
    "written",
    [
        "var.policy",
        "data.aws_iam_policy_document.x.json",
        'file("policy.json")',
        '"{\\"Statement\\": []}"',
        "<<P\n{]\nP",
    ],
)
def test_other_forms_are_an_error(written: str) -> None:
    document = TerraformDocument.read("main.tf", f'resource "a" "x" {{\n  policy = {written}\n}}\n'.encode())
    with pytest.raises(DocumentError):
        policies.read(document.blocks[0].attributes[0])


def test_a_comment_beside_it_is_left_to_people() -> None:
    text = 'resource "a" "x" {\n  p = ["*", # for the auditors\n    "b"]\n}\n'
    document = TerraformDocument.read("main.tf", text.encode())
    with pytest.raises(DocumentError, match="comment"):
        policies.taken_out_of_list(document, document.blocks[0].attributes[0], 0)
