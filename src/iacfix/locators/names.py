"""Which attribute names a resource in the cloud, and how to read a name out of what a cloud tool reports."""

import re
from collections.abc import Iterator

from iacfix.iac.terraform.values import Known, Template, Value

# Terraform type -> attributes that become the physical name, after the AWS provider's documentation.
NAME_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "aws_cloudtrail": ("name",),
    "aws_db_instance": ("identifier",),
    "aws_ebs_volume": (),
    "aws_ecr_repository": ("name",),
    "aws_iam_group": ("name",),
    "aws_iam_policy": ("name",),
    "aws_iam_role": ("name",),
    "aws_iam_user": ("name",),
    "aws_instance": (),
    "aws_kms_key": (),
    "aws_lambda_function": ("function_name",),
    "aws_rds_cluster": ("cluster_identifier",),
    "aws_s3_bucket": ("bucket",),
    "aws_security_group": ("name",),
    "aws_sns_topic": ("name",),
    "aws_sqs_queue": ("name",),
    "aws_subnet": (),
    "aws_vpc": (),
}

# Security Hub's resource type -> Terraform's.
CLOUD_TYPES: dict[str, tuple[str, ...]] = {
    "AwsCloudTrailTrail": ("aws_cloudtrail",),
    "AwsEc2Instance": ("aws_instance",),
    "AwsEc2SecurityGroup": ("aws_security_group",),
    "AwsEc2Subnet": ("aws_subnet",),
    "AwsEc2Volume": ("aws_ebs_volume",),
    "AwsEc2Vpc": ("aws_vpc",),
    "AwsEcrRepository": ("aws_ecr_repository",),
    "AwsIamGroup": ("aws_iam_group",),
    "AwsIamPolicy": ("aws_iam_policy",),
    "AwsIamRole": ("aws_iam_role",),
    "AwsIamUser": ("aws_iam_user",),
    "AwsKmsKey": ("aws_kms_key",),
    "AwsLambdaFunction": ("aws_lambda_function",),
    "AwsRdsDbCluster": ("aws_rds_cluster",),
    "AwsRdsDbInstance": ("aws_db_instance",),
    "AwsS3Bucket": ("aws_s3_bucket",),
    "AwsSnsTopic": ("aws_sns_topic",),
    "AwsSqsQueue": ("aws_sqs_queue",),
}

# arn:partition:service:region:account:resource, and the resource may hold colons itself.
ARN_PARTS = 6

# A pattern needs this many literal characters before a match says anything.
MIN_LITERAL = 4


def terraform_types(cloud_type: str) -> tuple[str, ...]:
    """The Terraform resource types behind a tool's type; Terraform's own names stand for themselves."""
    if cloud_type.startswith("aws_"):
        return (cloud_type,)
    return CLOUD_TYPES.get(cloud_type, ())


def physical_names(identifier: str, name: str) -> tuple[str, ...]:
    """The names that an ARN, URL or id may stand for, the likeliest first."""
    return tuple(dict.fromkeys(part for part in _names(identifier, name) if part))


def _names(identifier: str, name: str) -> Iterator[str]:
    yield name
    parts = identifier.split(":", ARN_PARTS - 1)
    resource = parts[-1] if parts[0] == "arn" and len(parts) == ARN_PARTS else identifier
    # `function:name:alias`, `db:name`, `role/path/name`, `trail/name`, `name/*`
    bare = resource.removesuffix("/*")
    kind, _, rest = bare.partition(":")
    if rest:
        yield rest.split(":")[0] if kind == "function" else rest
    yield bare.rsplit("/", 1)[-1]
    if not rest and "/" in bare:  # `repository/team/name`: the name itself holds a slash
        yield bare.split("/", 1)[1]
    yield bare


def exactly(value: Value, names: tuple[str, ...]) -> bool:
    return isinstance(value, Known) and isinstance(value.value, str) and value.value in names


def by_pattern(value: Value, names: tuple[str, ...]) -> bool:
    """A template whose literal parts fit one of the names, with something in each gap."""
    if not isinstance(value, Template):
        return False
    literals = [piece.value for piece in value.pieces if isinstance(piece, Known) and isinstance(piece.value, str)]
    if sum(map(len, literals)) < MIN_LITERAL:
        return False
    pattern = "".join(
        re.escape(str(piece.value)) if isinstance(piece, Known) else r"[^\n]{1,256}?" for piece in value.pieces
    )
    return any(len(name) <= 512 and re.fullmatch(pattern, name) is not None for name in names)  # noqa: PLR2004 - longer than any AWS name
