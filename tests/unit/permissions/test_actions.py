"""Every action that a call is said to need is one that IAM knows, and every call is one that AWS has."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import cfnlint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import ConfigurationError
from iacfix.permissions import aws_runbooks, platform
from iacfix.permissions.actions import OTHERWISE, PREFIXES, Call, actions, actions_of

# Actions of IAM as the Service Authorization Reference lists them; cfn-lint ships it.
LISTED = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json"
# Services whose prefix or whose names differ, and some whose do not. What the roles really hold is looked at in
# tests/deploy/test_statements.py.
SERVICES = [
    "apigateway",
    "apigatewayv2",
    "cloudwatch",
    "docdb",
    "dynamodb",
    "ecr",
    "efs",
    "eks",
    "elb",
    "elbv2",
    "es",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "opensearch",
    "s3",
    "s3control",
    "securityhub",
    "sns",
    "sqs",
    "stepfunctions",
]
READING = ("Describe", "Get", "List")
# Of API Gateway few are known by their own names, and none of those by what it reads: `_method` refuses them.
BY_NAME = ("apigatewayv2", "List")
# So new, or so seldom, that the reference does not list them under any name.
KNOWN_GAPS = 0.06


@cache
def listed() -> dict[str, frozenset[str]]:
    return {prefix: frozenset(each["Actions"]) for prefix, each in json.loads(LISTED.read_text()).items()}


@cache
def operations(service: str) -> tuple[str, ...]:
    return tuple(botocore.session.get_session().get_service_model(service).operation_names)


def known(action: str) -> bool:
    prefix, _, name = action.partition(":")
    return name.lower() in listed().get(prefix, ()) or action in {
        f"apigateway:{each}" for each in ("GET", "PATCH", "POST", "PUT", "DELETE")
    }


def written() -> Iterator[Call]:
    """Every call that a table of ours speaks of."""
    for service, table in OTHERWISE.items():
        yield from ((service, operation) for operation in table)
    for calls in (*platform.CALLS.values(), *aws_runbooks.CALLS.values()):
        yield from calls


def test_every_call_of_the_tables_is_one_of_aws() -> None:
    assert [each for each in sorted(set(written())) if each[1] not in operations(each[0])] == []


def test_every_action_of_the_tables_is_one_of_iam() -> None:
    assert [each for each in actions(written()) if not known(each)] == []


def test_every_prefix_is_of_a_service_that_boto3_has() -> None:
    assert sorted(set(PREFIXES) - set(botocore.session.get_session().get_available_services())) == []
    assert sorted(set(PREFIXES.values()) - set(listed())) == []


def test_what_reads_needs_actions_that_iam_knows() -> None:
    """All of some forty services: what is no exception is told by its own name."""
    asked = [
        (service, each)
        for service in SERVICES
        for each in operations(service)
        if each.startswith(READING) and not (service == BY_NAME[0] and each.startswith(BY_NAME[1]))
    ]
    missing = [call for call in asked if not all(known(action) for action in actions_of(*call))]
    assert len(asked) > 500
    assert len(missing) <= KNOWN_GAPS * len(asked), missing


@pytest.mark.parametrize(
    ("service", "operation", "needed"),
    [
        ("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("s3", "HeadBucket", "s3:ListBucket"),
        ("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        ("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
        ("s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
        ("s3", "ListBuckets", "s3:ListAllMyBuckets"),
        ("s3", "GetBucketAcl", "s3:GetBucketAcl"),
        ("elbv2", "DescribeLoadBalancerAttributes", "elasticloadbalancing:DescribeLoadBalancerAttributes"),
        ("elb", "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
        ("logs", "DescribeLogGroups", "logs:DescribeLogGroups"),
        ("opensearch", "DescribeDomain", "es:DescribeDomain"),
        ("efs", "DescribeFileSystems", "elasticfilesystem:DescribeFileSystems"),
        ("stepfunctions", "DescribeStateMachine", "states:DescribeStateMachine"),
        ("docdb", "DescribeDBClusters", "rds:DescribeDBClusters"),
        ("apigateway", "GetStage", "apigateway:GET"),
        ("apigatewayv2", "UpdateStage", "apigateway:PATCH"),
        ("emr", "DescribeCluster", "elasticmapreduce:DescribeCluster"),
        ("securityhub", "GetFindingsV2", "securityhub:GetFindings"),
        ("securityhub", "BatchUpdateFindingsV2", "securityhub:BatchUpdateFindings"),
        ("bedrock-runtime", "Converse", "bedrock:InvokeModel"),
        ("dynamodb", "TransactWriteItems", "dynamodb:PutItem"),
        ("sqs", "DeleteMessageBatch", "sqs:DeleteMessage"),
        ("lambda", "Invoke", "lambda:InvokeFunction"),
    ],
)  # fmt: skip
def test_what_differs(service: str, operation: str, needed: str) -> None:
    assert operation in operations(service)
    assert actions_of(service, operation) == (needed,)


def test_who_one_is_needs_nothing() -> None:
    assert actions([("sts", "GetCallerIdentity")]) == ()


def test_each_action_stands_once_and_in_order() -> None:
    assert actions(
        [("sqs", "SendMessageBatch"), ("sqs", "SendMessage"), ("s3", "ListObjects"), ("s3", "HeadBucket")]
    ) == (
        "s3:ListBucket",
        "sqs:SendMessage",
    )


@given(st.text(max_size=20), st.text(max_size=20))
def test_nothing_but_names_becomes_an_action(service: str, operation: str) -> None:
    """No wildcard, no second action, no quote can come in by a name."""
    try:
        needed = actions_of(service, operation)
    except ConfigurationError:
        return
    assert all(action.partition(":")[2].isalnum() for action in needed)


@pytest.mark.parametrize("name", ["", "*", "Get*", "getBucketAcl", "GetBucketAcl,s3:*", 'Get"'])
def test_what_is_no_operation_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="no operation of AWS"):
        actions_of("s3", name)


def test_an_unknown_verb_of_api_gateway_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="is not known"):
        actions_of("apigateway", "FlushStageCache")
