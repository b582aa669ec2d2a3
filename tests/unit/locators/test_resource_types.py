import re
import subprocess
import sys
from collections import Counter
from typing import cast

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from tests.support import terraform

from iacfix.locators.resource_types import table

ROWS = table().rows
HOLE = re.compile(r"\{([^{}]*)\}")


def test_the_table_is_not_read_before_it_is_asked() -> None:
    code = """
import iacfix.locators.locate
from iacfix.locators.resource_types import table
assert table.cache_info().misses == 0
table()
table()
assert table.cache_info().misses == 1
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_row_is_empty_and_no_type_has_two_names() -> None:
    assert [row for row in ROWS if not row.terraform or not row.spellings] == []
    for spellings in ("terraform", "cloudformation"):
        pairs = {
            (kind, row.terraform_name if spellings == "terraform" else row.cloudformation_name)
            for row in ROWS
            for kind in getattr(row, spellings)
        }
        assert [kind for kind, count in Counter(kind for kind, _ in pairs).items() if count > 1] == []


@pytest.mark.parametrize("kind", ["AwsS3Bucket", "AWS::S3::Bucket", "aws_s3_bucket", "awss3bucket", "AWS-S3-bucket"])
def test_every_spelling_is_the_same_kind(kind: str) -> None:
    assert "aws_s3_bucket" in {name for row in table().spelled(kind) for name in row.terraform}


def test_every_type_is_spelled_as_its_tool_does() -> None:
    wrong = [
        name
        for row in ROWS
        for names, pattern in (
            (row.terraform, r"aws_[a-z0-9_]+"),
            (row.cloudformation, r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+"),
            (row.security_hub, r"Aws[A-Za-z0-9]+"),
        )
        for name in names
        if re.fullmatch(pattern, name) is None
    ]
    assert wrong == []


def test_the_holes_of_an_arn_are_known() -> None:
    known = {"name", "name/", "name:", "/name", "alias/name", "path", "id", "id/", "id:", "any", "random"}
    holes = {hole for row in ROWS for shape in row.shapes for hole in HOLE.findall(shape.resource)}
    assert {hole for hole in holes - known if re.fullmatch(r"[a-z]+(-[a-z]+)*-id", hole) is None} == set()


def test_an_arn_that_holds_a_name_has_an_attribute_for_it() -> None:
    holds = [
        row for row in ROWS if any("name" in hole for shape in row.shapes for hole in HOLE.findall(shape.resource))
    ]
    assert [row.terraform for row in holds if not row.terraform_name] == []


@pytest.mark.slow
@pytest.mark.plan
@pytest.mark.xdist_group("resource_schemas")
def test_the_provider_has_each_type_and_its_name_attributes() -> None:
    blocks = {
        kind: cast("dict[str, dict[str, object]]", schema["block"])
        for kind, schema in terraform.resource_schemas().items()
    }
    attributes = {kind: block["attributes"].keys() for kind, block in blocks.items()}
    types = {kind for row in ROWS for kind in row.terraform}
    assert types - attributes.keys() == set()
    for row in ROWS:
        for kind in row.terraform:
            assert set(row.terraform_name) <= attributes[kind], kind


# SAM calls it `Name`, CloudFormation `StateMachineName`; a row of the table holds one of them.


def test_cloudformation_has_each_type_and_its_name_property() -> None:
    """After the schemas that cfn-lint carries."""
    named = {(kind, row.cloudformation_name) for row in ROWS for kind in row.cloudformation}
    properties = {
        kind: PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema["properties"].keys()
        for kind, _ in named
    }
    wrong = {(kind, name) for kind, name in named if name and name not in properties[kind]}
    assert wrong == set()
