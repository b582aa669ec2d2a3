"""Retries, what is gone and what only seems so, and answers and names that nobody should trust."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.verification.reading import Given, Said, Same

from iacfix.controls import load_catalogue
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import CloudResource
from iacfix.domain.verification import Result, Verification
from iacfix.ports.posture import PostureError, PostureReader
from iacfix.testing.service_contract import errors_of
from iacfix.verification import CHECKS, every_operation, operations
from iacfix.verification.gone import GONE
from iacfix.verification.look import LEAST_WAIT, MOST_EVIDENCE, MOST_WAIT, checked_wait, look, remaining

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BUCKET = CloudResource("AwsS3Bucket", "arn:aws:s3:::logs", account="123456789012")
ACL = {"Owner": {"ID": "o"}, "Grants": []}
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
BLOCKED = {"PublicAccessBlockConfiguration": BLOCK}
BUSY = PostureError("busy", code="SlowDown", passes=True)
CUT = PostureError("no answer", passes=True)


def seen(
    check: str, reader: PostureReader, resource: CloudResource = BUCKET, pauses: list[float] | None = None
) -> Verification:
    pause = (pauses if pauses is not None else []).append
    return look(CHECKS[check], "c", resource, reader, now=lambda: NOW, pause=pause, new_id=lambda: "v-1")


def public_access(acl: tuple[Said, ...] = (ACL,), block: tuple[Said, ...] = (BLOCKED,)) -> Given:
    return Given({"GetBucketAcl": acl, "GetPublicAccessBlock": block})


def test_everything_is_told_of_a_look() -> None:
    found = seen("s3_public_access", public_access())
    assert (found.result, found.id, found.at, found.calls) == (Result.RESOLVED, "v-1", "2026-11-21T12:00:00+00:00", 2)
    assert [each["operation"] for each in json.loads(found.evidence)["calls"]] == [
        "GetBucketAcl",
        "GetPublicAccessBlock",
    ]


@pytest.mark.parametrize("name", ["AllUsers", "AuthenticatedUsers"])
@pytest.mark.parametrize("flag", [*BLOCK, None])
def test_public_access_needs_the_acl_and_all_four_flags(name: str, flag: str | None) -> None:
    grant = {
        "Grantee": {"Type": "Group", "URI": f"http://acs.amazonaws.com/groups/global/{name}"},
        "Permission": "READ",
    }
    delivery = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}}
    assert seen("s3_public_access", public_access(({**ACL, "Grants": [grant]},))).result is Result.STILL_OPEN
    assert seen("s3_public_access", public_access(({**ACL, "Grants": [delivery]},))).result is Result.RESOLVED
    if flag is not None:
        for value in (False, None, "true", 1):
            block = {"PublicAccessBlockConfiguration": {**BLOCK, flag: value}}
            assert seen("s3_public_access", public_access(block=(block,))).result is Result.STILL_OPEN


@pytest.mark.parametrize("missing", ["Owner", "Grants"])
def test_an_acl_that_lacks_something_proves_nothing(missing: str) -> None:
    acl = {name: value for name, value in ACL.items() if name != missing}
    assert seen("s3_public_access", public_access((acl,))).result is Result.ERROR


@pytest.mark.parametrize(
    ("algorithm", "result"),
    [
        ("AES256", "resolved"),
        ("aws:kms", "resolved"),
        ("aws:kms:dsse", "resolved"),
        ("", "still_open"),
        (None, "still_open"),
    ],
)
def test_encryption_needs_one_rule(algorithm: str | None, result: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    answer = {"ServerSideEncryptionConfiguration": {"Rules": [{}, rule]}}
    assert seen("s3_encryption", Given({"GetBucketEncryption": (answer,)})).result == result


@pytest.mark.parametrize(
    ("status", "result"), [("Enabled", "resolved"), ("Suspended", "still_open"), (None, "still_open")]
)
def test_versioning_is_enabled(status: str | None, result: str) -> None:
    assert seen("s3_versioning", Given({"GetBucketVersioning": ({"Status": status},)})).result == result


@pytest.mark.parametrize("fault", [BUSY, CUT])
def test_a_call_is_tried_three_times_with_pauses(fault: PostureError) -> None:
    pauses: list[float] = []
    found = seen("s3_public_access", public_access((fault, fault, ACL), (fault, BLOCKED)), pauses=pauses)
    assert (found.result, found.calls, pauses) == (Result.RESOLVED, 5, [1.0, 2.0, 1.0])


@pytest.mark.parametrize("fault", [BUSY, CUT])
def test_the_fourth_try_is_none(fault: PostureError) -> None:
    pauses: list[float] = []
    found = seen("s3_public_access", public_access((fault, fault, fault, ACL)), pauses=pauses)
    assert (found.result, found.calls, pauses) == (Result.ERROR, 3, [1.0, 2.0])


@pytest.mark.parametrize(
    "code", ["AccessDenied", "403", "PermanentRedirect", "404", "NoSuchKey", "ValidationException"]
)
def test_other_errors_fail_at_once_and_never_mean_gone(code: str) -> None:
    pauses: list[float] = []
    found = seen("s3_public_access", public_access((PostureError("no", code=code),)), pauses=pauses)
    assert (found.result, found.calls, pauses) == (Result.ERROR, 1, [])


def test_what_is_gone_is_told_apart_from_what_is_not_set() -> None:
    assert (
        seen("s3_public_access", public_access((PostureError("", code="NoSuchBucket"),))).result is Result.RESOURCE_GONE
    )
    not_set = PostureError("", code="NoSuchPublicAccessBlockConfiguration")
    assert seen("s3_public_access", public_access(block=(not_set,))).result is Result.STILL_OPEN
    password = CloudResource("AwsAccount", "AWS::::Account:123456789012")
    missing = Given({"GetAccountPasswordPolicy": (PostureError("", code="NoSuchEntity"),)})
    assert seen("iam_password_length", missing, password).result is Result.STILL_OPEN


def test_nothing_is_gone_while_nobody_knows_the_account() -> None:
    gone = Given({"DescribeDBInstances": (PostureError("", code="DBInstanceNotFound"),)})
    bare = CloudResource("AwsRdsDbInstance", "orders", region="eu-west-1")
    assert seen("rds_public_access", gone, bare).result is Result.ERROR
    known = CloudResource("AwsRdsDbInstance", "orders", account="123456789012", region="eu-west-1")
    assert seen("rds_public_access", gone, known).result is Result.RESOURCE_GONE


def test_nothing_is_resolved_by_what_may_be_anothers_of_that_name() -> None:
    private = Given({"DescribeDBInstances": ({"DBInstances": [_PRIVATE]},)})
    bare = CloudResource("AwsRdsDbInstance", "orders", region="eu-west-1")
    assert seen("rds_public_access", private, bare).result is Result.ERROR
    known = CloudResource("AwsRdsDbInstance", "orders", account="123456789012", region="eu-west-1")
    assert seen("rds_public_access", private, known).result is Result.RESOLVED
    volume = {"VolumeId": "vol-0123456789abcdef0", "Encrypted": True}
    by_chance = CloudResource("", "vol-0123456789abcdef0", region="eu-west-1")
    encrypted = Given({"DescribeVolumes": ({"Volumes": [volume]},)})
    assert seen("ebs_volume_encryption", encrypted, by_chance).result is Result.RESOLVED


_PRIVATE = {"DBInstanceIdentifier": "orders", "PubliclyAccessible": False}


def test_several_answers_for_one_resource_prove_nothing() -> None:
    one = {"DBInstanceIdentifier": "orders", "PubliclyAccessible": False}
    resource = CloudResource("", "arn:aws:rds:eu-west-1:123456789012:db:orders")
    for many in ([one, one], [], [{**one, "DBInstanceIdentifier": "other"}], [None], None):
        reader = Given({"DescribeDBInstances": ({"DBInstances": many},)})
        assert seen("rds_public_access", reader, resource).result is Result.ERROR


def test_pages_are_followed_and_end() -> None:
    group = CloudResource("", "arn:aws:logs:eu-west-1:123456789012:log-group:app")
    other, own = {"logGroupName": "app-2"}, {"logGroupName": "app", "retentionInDays": 400}
    pages = ({"logGroups": [other], "nextToken": "a"}, {"logGroups": [own]})
    assert seen("log_retention", Given({"DescribeLogGroups": pages}), group).result is Result.RESOLVED
    endless = Given({"DescribeLogGroups": ({"logGroups": [other], "nextToken": "a"},)})
    assert seen("log_retention", endless, group).result is Result.ERROR
    assert len(endless.asked) == 2
    assert (
        seen("log_retention", Given({"DescribeLogGroups": ({"logGroups": [other]},)}), group).result == "resource_gone"
    )


def test_evidence_that_is_too_long_is_told_by_what_was_asked() -> None:
    long = {**ACL, "Grants": [], "More": "x" * (MOST_EVIDENCE + 1)}
    found = seen("s3_public_access", public_access((long,)))
    assert len(found.evidence) < MOST_EVIDENCE
    assert "left_out" in json.loads(found.evidence)


HOSTILE = [
    "",
    " ",
    "arn:aws:s3:::",
    "arn:aws:s3",
    "arn:aws:s3:::a/../b",
    "arn:aws:s3:::logs\n",
    "arn:aws:s3:::logs?acl",
    "arn:aws:s3:evil.example/:123456789012:logs",
    "arn:aws:rds:eu-west-1.evil.example:123456789012:db:x",
    "arn:aws:rds:eu-west-1:123456789012:db:x y",
    "arn:aws:rds:eu-west-1:999999999999:db:x",
    "arn:aws:rds:cn-north-1:123456789012:db:x",
    "arn:aws-cn:rds:eu-west-1:123456789012:db:x",
    "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-x",
    "aws_s3_bucket.logs[0]",
    "$(id)",
    "a" * 5000,
    "logs\x00",
    "\u202elogs",
]


@pytest.mark.parametrize("identifier", HOSTILE)
def test_a_name_that_is_none_is_never_asked_for(identifier: str) -> None:
    resource = CloudResource("", identifier, account="123456789012", region="eu-west-1")
    for check in CHECKS.values():
        reader = Given({})
        found = look(check, "c", resource, reader, now=lambda: NOW, pause=lambda _: None, new_id=lambda: "v")
        assert (found.result, reader.asked) == (Result.ERROR, []), check.name


@pytest.mark.parametrize("region", ["eu-west-1/../", "EU", "evil.example", "eu-west-1 ", "eu_west_1"])
def test_a_region_that_is_none_is_never_asked(region: str) -> None:
    resource = CloudResource("AwsRdsDbInstance", "orders", account="123456789012", region=region)
    if region.strip() != "eu-west-1":
        assert seen("rds_public_access", Given({}), resource).result is Result.ERROR


@pytest.mark.parametrize(
    ("arn", "region"),
    [
        ("arn:aws-cn:rds:cn-north-1:123456789012:db:x", "cn-north-1"),
        ("arn:aws-us-gov:rds:us-gov-west-1:123456789012:db:x", "us-gov-west-1"),
        ("arn:aws:rds:ap-southeast-7:123456789012:db:x", "ap-southeast-7"),
        ("arn:aws-iso-b:rds:us-isob-east-1:123456789012:db:x", "us-isob-east-1"),
    ],
)
def test_every_partition_is_looked_at_in_its_own_region(arn: str, region: str) -> None:
    reader = Given({"DescribeDBInstances": ({"DBInstances": []},)})
    seen("rds_public_access", reader, CloudResource("", arn))
    assert [(each[3].region, each[3].account) for each in reader.asked] == [(region, "123456789012")]


_R = "eu-west-1:123456789012"
ARNS = {
    "account": "iam::123456789012:root",
    "region of an account": "iam::123456789012:root",
    "EC2 instance": f"ec2:{_R}:instance/i-0123456789abcdef0",
    "network interface": f"ec2:{_R}:network-interface/eni-0123456789abcdef0",
    "launch template": f"ec2:{_R}:launch-template/lt-0123456789abcdef0",
    "network ACL": f"ec2:{_R}:network-acl/acl-0123456789abcdef0",
    "security group": f"ec2:{_R}:security-group/sg-0123456789abcdef0",
    "subnet": f"ec2:{_R}:subnet/subnet-0123456789abcdef0",
    "transit gateway": f"ec2:{_R}:transit-gateway/tgw-0123456789abcdef0",
    "EBS volume": f"ec2:{_R}:volume/vol-0123456789abcdef0",
    "VPC": f"ec2:{_R}:vpc/vpc-0123456789abcdef0",
    "RDS instance": f"rds:{_R}:db:orders",
    "RDS cluster": f"rds:{_R}:cluster:orders",
    "RDS snapshot": f"rds:{_R}:snapshot:rds:orders-2026-11-21",
    "snapshot of an RDS cluster": f"rds:{_R}:cluster-snapshot:orders",
    "DynamoDB table": f"dynamodb:{_R}:table/orders",
    "Redshift cluster": f"redshift:{_R}:cluster:orders",
    "OpenSearch domain": f"es:{_R}:domain/orders",
    "ElastiCache replication group": f"elasticache:{_R}:replicationgroup:orders",
    "ElastiCache cluster": f"elasticache:{_R}:cluster:orders",
    "DMS instance": f"dms:{_R}:rep:6USOU366XFJUWATDJGBCJS3VIQ",
    "EFS file system": f"elasticfilesystem:{_R}:file-system/fs-0123456789abcdef0",
    "EFS access point": f"elasticfilesystem:{_R}:access-point/fsap-0123456789abcdef0",
    "KMS key": f"kms:{_R}:key/mrk-1234abcd12ab34cd56ef1234567890ab",
    "trail": f"cloudtrail:{_R}:trail/all",
    "log group": f"logs:{_R}:log-group:/aws/lambda/orders:*",
    "secret": f"secretsmanager:{_R}:secret:team/orders-AbCdEf",
    "GuardDuty detector": f"guardduty:{_R}:detector/0123456789abcdef0123456789abcdef",
    "IAM user": "iam::123456789012:user/teams/ann",
    "IAM role": "iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    "IAM group": "iam::123456789012:group/admins",
    "IAM policy": "iam::123456789012:policy/teams/reads",
    "S3 bucket": "s3:::logs.example.com",
    "Lambda function": f"lambda:{_R}:function:orders:$LATEST",
    "queue": f"sqs:{_R}:orders.fifo",
    "topic": f"sns:{_R}:orders.fifo",
    "Kinesis stream": f"kinesis:{_R}:stream/orders",
    "Firehose stream": f"firehose:{_R}:deliverystream/orders",
    "ECR repository": f"ecr:{_R}:repository/team/orders",
    "EKS cluster": f"eks:{_R}:cluster/orders",
    "ECS cluster": f"ecs:{_R}:cluster/orders",
    "CloudFront distribution": "cloudfront::123456789012:distribution/EDFDVBD632BHDS5",
    "load balancer": f"elasticloadbalancing:{_R}:loadbalancer/app/orders/50dc6c495c0c9188",
    "classic load balancer": f"elasticloadbalancing:{_R}:loadbalancer/orders",
    "listener of a load balancer": f"elasticloadbalancing:{_R}:listener/app/orders/50dc6c495c0c9188/f2f7dc8efc522ab2",
    "stage of a REST API": "apigateway:eu-west-1::/restapis/a1b2c3/stages/prod",
    "state machine": f"states:{_R}:stateMachine:orders",
    "CodeBuild project": f"codebuild:{_R}:project/orders",
    "Auto Scaling group": (
        f"autoscaling:{_R}:autoScalingGroup:930d940e-891e-4781-a11a-7b0acd480f03:autoScalingGroupName/orders"
    ),
    "MQ broker": f"mq:{_R}:broker:orders:b-1234a5b6-78cd-901e-2fgh-3i45j6k17819".replace("fgh", "fab").replace(
        "3i45j6k1", "3a45b6c1"
    ),
    "MSK cluster": f"kafka:{_R}:cluster/orders/1234abcd-12ab-34cd-56ef-1234567890ab-1",
}


def resources() -> list[tuple[str, CloudResource]]:
    return [
        (check.name, CloudResource("", f"arn:aws:{ARNS[kind.name]}", account="123456789012", region="eu-west-1"))
        for check in CHECKS.values()
        for kind in check.kinds
    ]


def test_every_kind_of_resource_is_known_by_its_arn() -> None:
    for name, resource in resources():
        reader = Given({})
        with pytest.raises(KeyError):  # it asks, and nothing is answered here
            seen(name, reader, resource)
        assert len(reader.asked) == 1


@pytest.mark.parametrize("answer", [{}, {"Unknown": []}])
def test_an_answer_that_says_nothing_resolves_nothing(answer: dict[str, object]) -> None:
    for name, resource in resources():
        found = seen(name, Same(answer), resource)
        # A function of Lambda that is there may have no limit and no code signing: the answer is empty, and wrong.
        assert found.result in {Result.ERROR, Result.STILL_OPEN}, (name, found.seen)


_leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["*", "Enabled", "enabled"])
_fields = st.sampled_from(
    ["Statement", "Rules", "Policy", "Grants", "Owner", "Status", "Attributes", "IpPermissions", "Entries", "NextToken"]
)
_json = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_fields, inner, max_size=4), max_leaves=12
)


@given(answer=st.dictionaries(_fields, _json, max_size=5), chosen=st.sampled_from(resources()))
def test_no_answer_breaks_a_look(answer: dict[str, object], chosen: tuple[str, CloudResource]) -> None:
    name, resource = chosen
    assert seen(name, Same(answer), resource).seen


def test_no_check_no_claim() -> None:
    found = look(None, "c", BUCKET, Given({}), now=lambda: NOW, pause=lambda _: None, new_id=lambda: "v")
    assert (found.result, found.check, found.calls) == (Result.ERROR, "", 0)


def test_every_control_that_names_a_check_has_it_and_every_check_a_control() -> None:
    named = {each.id: each.verify for each in load_catalogue() if each.verify}
    assert set(named.values()) == set(CHECKS)
    assert len(named) >= 200
    assert operations("s3-block-public-access") == {("s3", "GetBucketAcl"), ("s3", "GetPublicAccessBlock")}
    assert operations("nobody-knows-this") == frozenset()


def test_checks_ask_for_what_reads() -> None:
    for _, operation in every_operation():
        assert operation.startswith(("Get", "List", "Describe", "BatchGet"))


def test_what_means_gone_is_of_the_service() -> None:
    """EC2 and S3 describe none of their errors, and some codes stand beside what the description calls them."""
    told_otherwise = {"ec2", "s3", "iam", "rds", "redshift", "elb", "elbv2", "sqs", "sns", "elasticache"}
    for service, codes in GONE.items():
        mine = [operation for name, operation in every_operation() if name == service]
        assert mine, service
        if service not in told_otherwise:
            known = frozenset().union(*(errors_of(service, each) for each in mine))
            assert codes & known, service


def test_the_wait_has_its_bounds() -> None:
    assert (checked_wait(LEAST_WAIT), checked_wait(MOST_WAIT)) == (30, 1800)
    for seconds in (LEAST_WAIT - 1, MOST_WAIT + 1, -1, float("nan")):
        with pytest.raises(ConfigurationError):
            checked_wait(seconds)
    assert remaining(NOW - timedelta(seconds=100), 300, NOW) == 200
    assert remaining(NOW - timedelta(seconds=400), 300, NOW) == 0
    assert remaining(NOW + timedelta(days=9), 300, NOW) == 300
