"""The lists of what cannot be changed in place, held to the schemas that they come from."""

import sys
from importlib import resources
from pathlib import Path

import pytest
from tests.support import terraform
from tests.support.code import block

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.validators import create_only
from iacfix.validators.cloudformation import weakening as of_templates
from iacfix.validators.terraform import weakening as of_terraform

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))
from scripts import create_only as script  # noqa: E402 - a script of the repository, which is no package


def test_the_list_of_properties_is_what_the_schemas_say() -> None:
    assert script.TEMPLATES.read_text() == script.written(("type", "properties"), script.of_templates())


def test_the_list_for_terraform_has_nothing_that_the_schemas_do_not_say() -> None:
    could = script.of_terraform()
    file = resources.files("iacfix.validators") / "terraform" / "create_only.csv"
    kinds = [line.partition(",")[0] for line in file.read_text().splitlines()[1:]]
    assert len(kinds) > 100
    for kind in kinds:
        assert {name for (name,) in create_only.attributes(kind)} <= set(could[kind]), kind


@pytest.mark.slow
@pytest.mark.plan
@pytest.mark.xdist_group("resource_schemas")
def test_the_list_for_terraform_is_what_schemas_and_provider_share() -> None:
    schemas = terraform.resource_schemas()
    for kind, names in script.of_terraform(schemas).items():
        assert create_only.attributes(kind) == {(name,) for name in names}, kind


@pytest.mark.parametrize(
    ("name", "words"),
    [("KmsKeyId", "kms_key_id"), ("DBName", "db_name"), ("VpcId", "vpc_id"), ("CACertificate", "ca_certificate")],
)
def test_names_are_written_as_terraform_writes_them(name: str, words: str) -> None:
    assert script._snake(name) == words


MSK = """Resources:
  Bus:
    Type: AWS::MSK::Cluster
    Properties:
      EncryptionInfo:
        {}
"""


def changed(before: str, after: str) -> str:
    old, new = (CloudFormationDocument.read("t.yaml", MSK.replace("{}", text).encode()) for text in (before, after))
    return of_templates.weakened(old.resources["Bus"], new.resources["Bus"])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("EncryptionInTransit: {InCluster: false}", "EncryptionInTransit: {InCluster: true}", "InCluster is changed"),
        ("EncryptionInTransit: {ClientBroker: TLS}", "EncryptionInTransit: {ClientBroker: PLAINTEXT}", ""),
        ("EncryptionAtRest: {DataVolumeKMSKeyId: a}", "EncryptionAtRest: {DataVolumeKMSKeyId: b}", "replaces"),
        ("EncryptionInTransit: {}", "EncryptionAtRest: {DataVolumeKMSKeyId: b}", "replaces"),
        (
            "Fn::If: [A, {}, {}]",
            "EncryptionInTransit: {ClientBroker: TLS}",
            "EncryptionInfo is changed, which replaces",
        ),
    ],
)
def test_a_property_that_is_made_once_is_not_changed(before: str, after: str, said: str) -> None:
    reason = changed(before, after)
    assert said in reason
    assert bool(reason) == bool(said)


@pytest.mark.parametrize(
    ("kind", "name", "is_refused"),
    [
        ("aws_acm_certificate", "key_algorithm", True),
        ("aws_acm_certificate", "tags_all", False),
        ("aws_batch_compute_environment", "type", True),
        ("aws_sqs_queue", "type", False),
    ],
)
def test_an_attribute_that_bears_such_a_name_is_not_changed(kind: str, name: str, is_refused: bool) -> None:  # noqa: FBT001 - a column of the table
    old, new = (
        TerraformDocument.read("main.tf", block(f'resource "{kind}" "x"', **{name: f'"{value}"'}).encode()).blocks[0]
        for value in ("a", "b")
    )
    reason = of_terraform.weakened(old, new)
    assert (f"{name} is changed, which AWS does not do in place" in reason) is is_refused
