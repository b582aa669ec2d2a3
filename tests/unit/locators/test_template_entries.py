import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.code import template

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.entry import CLOUDFORMATION, NOT_FOLLOWED, Entry
from iacfix.iac.values import Known, Template, Unknown
from iacfix.locators.template_entries import CDK_PATH, NAME, NAME_TAG, TRACE, entries_of, is_template_path, value_of

PARAMETERS = "Parameters:\n  Name: { Type: String, Default: acme }\n  Open: { Type: String }\n"


def entries(text: str) -> tuple[Entry, ...]:
    return entries_of(CloudFormationDocument.read("app.yaml", text.encode()))


def texts(properties: str, head: str = PARAMETERS) -> dict[str, str]:
    (entry,) = entries(template({"Logs": properties}, head))
    return entry.texts


def test_a_resource_is_an_entry_with_type_and_logical_id() -> None:
    text = "# größe\n" + template({"Logs": "{}", "Other": "{}"})
    first, second = entries(text)
    assert (first.keyword, first.labels, first.address) == (
        CLOUDFORMATION,
        ("AWS::S3::Bucket", "Logs"),
        "Resources.Logs",
    )
    assert (first.start_line, first.end_line, second.start_line) == (3, 5, 6)
    assert text.encode()[first.start : first.end].decode().startswith("Logs:")
    assert first.texts == {}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("acme-logs", Known("acme-logs")),
        ("!Ref Name", Known("acme")),
        ("!Sub '${Name}-logs'", Known("acme-logs")),
        ("!Sub '${AWS::AccountId}-logs'", Template((Unknown(""), Known("-logs")))),
        ("!Join ['-', [!Ref Open, logs]]", Template((Unknown(""), Known("-logs")))),
        ("!Ref Open", None),
        ("!Ref Gone", None),
        ("[a]", None),
        ("7", None),
    ],
)
def test_a_name_is_kept_as_far_as_the_text_says(written: str, value: object) -> None:
    found = texts(f"{{ BucketName: {written} }}")
    assert (value_of(found[NAME]) if NAME in found else None) == value


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        ("[{ Key: Name, Value: web }, { Key: team, Value: x }]", {NAME_TAG: '["web"]'}),
        ("[{ Key: yor_trace, Value: 0f1e }]", {TRACE: '["0f1e"]'}),
        ("{ Name: web, team: x }", {NAME_TAG: '["web"]'}),
        ("[{ Key: Name, Value: !Sub '${Open}-web' }]", {NAME_TAG: '[null,"-web"]'}),
        ("[{ Key: Name }, { Value: web }, web, { Key: [Name], Value: web }]", {}),
        ("[]", {}),
        ("web", {}),
        ("!Ref Open", {}),
    ],
)
def test_of_tags_those_that_name_it_are_kept(tags: str, kept: dict[str, str]) -> None:
    assert texts(f"{{ Tags: {tags} }}") == kept


@pytest.mark.parametrize(
    ("metadata", "path"),
    [
        ("{ 'aws:cdk:path': Shop/Logs/Resource }", "Shop/Logs/Resource"),
        ("{ 'aws:cdk:path': '' }", None),
        ("{ 'aws:cdk:path': [a] }", None),
        ("{ 'aws:cdk:path': !Ref Open }", None),
        ("{ other: a }", None),
        ("text", None),
    ],
)
def test_the_construct_of_cdk_is_kept(metadata: str, path: str | None) -> None:
    (entry,) = entries(f"Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n    Metadata: {metadata}\n")
    assert (value_of(entry.texts[CDK_PATH]) if entry.texts else None) == (Known(path) if path else None)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("Transform: Shop::Macro\n", {"1": "Transform Shop::Macro at line 1"}),
        ("Transform: AWS::Serverless-2016-10-31\n", {}),
        ("Transform: [AWS::Serverless-2016-10-31, Shop::Macro]\n", {"1": "Transform Shop::Macro at line 1"}),
    ],
)
def test_what_can_change_any_resource_stands_last(head: str, found: dict[str, str]) -> None:
    every = entries(template({"Logs": "{}"}, head))
    assert [entry.texts for entry in every if entry.keyword == NOT_FOLLOWED] == ([found] if found else [])
    assert every[0].labels == ("AWS::S3::Bucket", "Logs")


@pytest.mark.parametrize("path", ["a.yaml", "a.yml", "x/a.json", "a.template"])
def test_templates_are_known_by_the_ends_of_their_names(path: str) -> None:
    assert is_template_path(path)
    assert not is_template_path(path + ".bak")


@given(st.lists(st.none() | st.text(), min_size=1))
def test_what_was_kept_is_read_back(pieces: list[str | None]) -> None:
    value = value_of(json.dumps(pieces))
    read = value.pieces if isinstance(value, Template) else (value,)
    assert [piece.value if isinstance(piece, Known) else None for piece in read] == pieces


@given(st.text() | st.sampled_from(["[" * 100_000, "{}", "[1]", "null", '"a"', "[[]]", "7"]))
def test_what_was_never_kept_is_not_known(text: str) -> None:
    assert isinstance(value_of(text), (Unknown, Template))
