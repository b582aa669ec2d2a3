"""Stands for the checks of Security Hub: looks at what an account holds, and reports weaknesses as it does.

What verifies later shares no code with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import cast

from boto3.session import Session
from botocore.exceptions import ClientError

Document = dict[str, object]
Seen = Iterator[tuple[str, bool]]
"""The ARN of each resource that a rule is about, and whether it is wrong."""


class Account:
    """What an account holds, read at one endpoint with the session's credentials."""

    def __init__(self, session: Session, endpoint: str, number: str) -> None:
        self.number, self.region = number, session.region_name
        self._client = cache(lambda service: session.client(service, endpoint_url=endpoint))

    def ask(self, service: str, verb: str, /, **parameters: object) -> Document:
        return cast("Document", getattr(self._client(service), verb)(**parameters))

    def missing(self, service: str, verb: str, /, **parameters: object) -> bool:
        """Whether the service says that there is nothing of the kind."""
        try:
            self.ask(service, verb, **parameters)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:  # noqa: PLR2004 - HTTP's own
                return True
            raise
        return False

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.number}:{rest}"


@dataclass(frozen=True, slots=True)
class Rule:
    """`id` is Security Hub's control, `type` its word for the resource."""

    id: str
    type: str
    severity: str
    title: str
    look: Callable[[Account], Seen]


def _all(document: Document, name: str) -> list[Document]:
    return cast("list[Document]", document.get(name, []))


def _in(document: Document, *names: str) -> object:
    value: object = document
    for name in names:
        value = cast("Document", value).get(name) if isinstance(value, dict) else None
    return value


def _buckets(account: Account) -> list[str]:
    return [str(each["Name"]) for each in _all(account.ask("s3", "list_buckets"), "Buckets")]


def _public(account: Account) -> Seen:
    for name in _buckets(account):
        yield f"arn:aws:s3:::{name}", account.missing("s3", "get_public_access_block", Bucket=name)


def _unversioned(account: Account) -> Seen:
    for name in _buckets(account):
        yield f"arn:aws:s3:::{name}", account.ask("s3", "get_bucket_versioning", Bucket=name).get("Status") != "Enabled"


def _without_key(account: Account) -> Seen:
    for name in _buckets(account):
        wrong = account.missing("s3", "get_bucket_encryption", Bucket=name) or "aws:kms" not in str(
            account.ask("s3", "get_bucket_encryption", Bucket=name)
        )
        yield f"arn:aws:s3:::{name}", wrong


def _queues(account: Account) -> Seen:
    for url in cast("list[str]", account.ask("sqs", "list_queues").get("QueueUrls", [])):
        said = cast(
            "dict[str, str]",
            account.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"],
        )
        yield said["QueueArn"], said.get("SqsManagedSseEnabled") != "true" and not said.get("KmsMasterKeyId")


def _topics(account: Account) -> Seen:
    for topic in _all(account.ask("sns", "list_topics"), "Topics"):
        arn = str(topic["TopicArn"])
        yield arn, not _in(account.ask("sns", "get_topic_attributes", TopicArn=arn), "Attributes", "KmsMasterKeyId")


def _keys(account: Account) -> Seen:
    for key in _all(account.ask("kms", "list_keys"), "Keys"):
        about = account.ask("kms", "describe_key", KeyId=key["KeyId"])
        if _in(about, "KeyMetadata", "KeyManager") == "CUSTOMER":
            rotates = account.ask("kms", "get_key_rotation_status", KeyId=key["KeyId"])
            yield str(key["KeyArn"]), not rotates["KeyRotationEnabled"]


def _tables(account: Account) -> list[Document]:
    names = cast("list[str]", account.ask("dynamodb", "list_tables")["TableNames"])
    return [cast("Document", account.ask("dynamodb", "describe_table", TableName=name)["Table"]) for name in names]


def _unrecoverable(account: Account) -> Seen:
    for table in _tables(account):
        said = account.ask("dynamodb", "describe_continuous_backups", TableName=table["TableName"])
        path = ("ContinuousBackupsDescription", "PointInTimeRecoveryDescription", "PointInTimeRecoveryStatus")
        yield str(table["TableArn"]), _in(said, *path) != "ENABLED"


def _deletable(account: Account) -> Seen:
    for table in _tables(account):
        yield str(table["TableArn"]), not table.get("DeletionProtectionEnabled")


def _images(account: Account) -> list[Document]:
    return _all(account.ask("ecr", "describe_repositories"), "repositories")


def _unscanned(account: Account) -> Seen:
    for each in _images(account):
        yield str(each["repositoryArn"]), _in(each, "imageScanningConfiguration", "scanOnPush") is not True


def _mutable(account: Account) -> Seen:
    for each in _images(account):
        yield str(each["repositoryArn"]), each["imageTagMutability"] != "IMMUTABLE"


def _trails(account: Account) -> list[Document]:
    return _all(account.ask("cloudtrail", "describe_trails"), "trailList")


def _trails_without_key(account: Account) -> Seen:
    for each in _trails(account):
        yield str(each["TrailARN"]), not each.get("KmsKeyId")


def _unsigned_trails(account: Account) -> Seen:
    for each in _trails(account):
        yield str(each["TrailARN"]), not each.get("LogFileValidationEnabled")


def _open_to_ssh(account: Account) -> Seen:
    for group in _all(account.ask("ec2", "describe_security_groups"), "SecurityGroups"):
        rules = [each for each in _all(group, "IpPermissions") if each.get("FromPort") == 22]  # noqa: PLR2004 - SSH
        wrong = any(source.get("CidrIp") == "0.0.0.0/0" for each in rules for source in _all(each, "IpRanges"))
        yield account.arn("ec2", f"security-group/{group['GroupId']}"), wrong


def _public_subnets(account: Account) -> Seen:
    """Those of the default network, which nobody's code made, are another rule's."""
    for each in _all(account.ask("ec2", "describe_subnets"), "Subnets"):
        if not each.get("DefaultForAz"):
            yield account.arn("ec2", f"subnet/{each['SubnetId']}"), bool(each.get("MapPublicIpOnLaunch"))


def _short_logs(account: Account) -> Seen:
    for group in _all(account.ask("logs", "describe_log_groups"), "logGroups"):
        days = group.get("retentionInDays")
        yield account.arn("logs", f"log-group:{group['logGroupName']}"), isinstance(days, int) and days < 365  # noqa: PLR2004 - the control's own


RULES = (
    Rule("S3.8", "AwsS3Bucket", "HIGH", "S3 buckets should block public access", _public),
    Rule("S3.14", "AwsS3Bucket", "LOW", "S3 buckets should have versioning", _unversioned),
    Rule("S3.17", "AwsS3Bucket", "HIGH", "S3 buckets should be encrypted with KMS keys", _without_key),
    Rule("SQS.1", "AwsSqsQueue", "HIGH", "SQS queues should be encrypted at rest", _queues),
    Rule("SNS.1", "AwsSnsTopic", "HIGH", "SNS topics should be encrypted with KMS keys", _topics),
    Rule("KMS.4", "AwsKmsKey", "HIGH", "KMS keys should rotate", _keys),
    Rule("DynamoDB.2", "AwsDynamoDbTable", "HIGH", "Tables should have point-in-time recovery", _unrecoverable),
    Rule("DynamoDB.6", "AwsDynamoDbTable", "HIGH", "Tables should have deletion protection", _deletable),
    Rule("ECR.1", "AwsEcrRepository", "HIGH", "ECR repositories should scan images", _unscanned),
    Rule("ECR.2", "AwsEcrRepository", "HIGH", "ECR repositories should have immutable tags", _mutable),
    Rule("CloudTrail.2", "AwsCloudTrailTrail", "HIGH", "CloudTrail should encrypt its logs", _trails_without_key),
    Rule("CloudTrail.4", "AwsCloudTrailTrail", "HIGH", "CloudTrail should validate its log files", _unsigned_trails),
    Rule("EC2.13", "AwsEc2SecurityGroup", "HIGH", "Security groups should not let everybody in to SSH", _open_to_ssh),
    Rule("EC2.15", "AwsEc2Subnet", "HIGH", "Subnets should not give public addresses", _public_subnets),
    Rule("CloudWatch.16", "AwsLogsLogGroup", "HIGH", "Log groups should keep logs for a year", _short_logs),
)


def findings(account: Account, rules: tuple[Rule, ...] = RULES) -> list[Document]:
    """One finding in ASFF for each resource that is wrong."""
    return [_finding(account, rule, arn) for rule in rules for arn, wrong in rule.look(account) if wrong]


def found_by(documents: list[Document]) -> set[tuple[str, str]]:
    """The control and the ARN of each."""
    return {
        (str(_in(each, "Compliance", "SecurityControlId")), str(_all(each, "Resources")[0]["Id"])) for each in documents
    }


def _finding(account: Account, rule: Rule, arn: str) -> Document:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    name = arn.replace(":", "-").replace("/", "-")
    return {
        "SchemaVersion": "2018-10-08",
        "Id": account.arn("securityhub", f"security-control/{rule.id}/finding/{name}"),
        "ProductArn": f"arn:aws:securityhub:{account.region}::product/aws/securityhub",
        "GeneratorId": f"security-control/{rule.id}",
        "AwsAccountId": account.number,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "CreatedAt": now,
        "UpdatedAt": now,
        "Severity": {"Label": rule.severity},
        "Title": rule.title,
        "Description": rule.title,
        "Resources": [{"Type": rule.type, "Id": arn, "Partition": "aws", "Region": account.region}],
        "Compliance": {"Status": "FAILED", "SecurityControlId": rule.id},
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }
