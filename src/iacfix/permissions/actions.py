"""Which action of IAM a call of AWS needs. Mostly the service's prefix and the call's name; here is what differs.

After the Service Authorization Reference; a test holds every action to its list.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from iacfix.domain.errors import ConfigurationError

Call = tuple[str, str]
"""A service and an operation, by the names of botocore: `("s3", "GetBucketAcl")`."""

# Where the service is not called as its prefix is.
PREFIXES: Final[Mapping[str, str]] = {
    "amp": "aps",
    "apigatewayv2": "apigateway",
    "bedrock-runtime": "bedrock",
    "docdb": "rds",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "keyspaces": "cassandra",
    "mwaa": "airflow",
    "neptune": "rds",
    "opensearch": "es",
    "s3control": "s3",
    "sesv2": "ses",
    "stepfunctions": "states",
    "timestream-query": "timestream",
    "timestream-write": "timestream",
}

_S3: Final[Mapping[str, tuple[str, ...]]] = {
    "CopyObject": ("GetObject", "PutObject"),
    "CreateMultipartUpload": ("PutObject",),
    "CompleteMultipartUpload": ("PutObject",),
    "DeleteBucketCors": ("PutBucketCORS",),
    "DeleteBucketEncryption": ("PutEncryptionConfiguration",),
    "DeleteBucketLifecycle": ("PutLifecycleConfiguration",),
    "DeleteBucketOwnershipControls": ("PutBucketOwnershipControls",),
    "DeleteBucketReplication": ("PutReplicationConfiguration",),
    "DeleteBucketTagging": ("PutBucketTagging",),
    "DeleteObjects": ("DeleteObject",),
    "DeletePublicAccessBlock": ("PutBucketPublicAccessBlock",),
    "GetBucketAccelerateConfiguration": ("GetAccelerateConfiguration",),
    "GetBucketAnalyticsConfiguration": ("GetAnalyticsConfiguration",),
    "GetBucketCors": ("GetBucketCORS",),
    "GetBucketEncryption": ("GetEncryptionConfiguration",),
    "GetBucketIntelligentTieringConfiguration": ("GetIntelligentTieringConfiguration",),
    "GetBucketInventoryConfiguration": ("GetInventoryConfiguration",),
    "GetBucketLifecycle": ("GetLifecycleConfiguration",),
    "GetBucketLifecycleConfiguration": ("GetLifecycleConfiguration",),
    "GetBucketMetricsConfiguration": ("GetMetricsConfiguration",),
    "GetBucketNotificationConfiguration": ("GetBucketNotification",),
    "GetBucketReplication": ("GetReplicationConfiguration",),
    "GetObjectLockConfiguration": ("GetBucketObjectLockConfiguration",),
    "GetPublicAccessBlock": ("GetBucketPublicAccessBlock",),
    "HeadBucket": ("ListBucket",),
    "HeadObject": ("GetObject",),
    "ListBuckets": ("ListAllMyBuckets",),
    "ListMultipartUploads": ("ListBucketMultipartUploads",),
    "ListObjectVersions": ("ListBucketVersions",),
    "ListObjects": ("ListBucket",),
    "ListObjectsV2": ("ListBucket",),
    "ListParts": ("ListMultipartUploadParts",),
    "PutBucketAccelerateConfiguration": ("PutAccelerateConfiguration",),
    "PutBucketCors": ("PutBucketCORS",),
    "PutBucketEncryption": ("PutEncryptionConfiguration",),
    "PutBucketLifecycle": ("PutLifecycleConfiguration",),
    "PutBucketLifecycleConfiguration": ("PutLifecycleConfiguration",),
    "PutBucketNotificationConfiguration": ("PutBucketNotification",),
    "PutBucketReplication": ("PutReplicationConfiguration",),
    "PutObjectLockConfiguration": ("PutBucketObjectLockConfiguration",),
    "PutPublicAccessBlock": ("PutBucketPublicAccessBlock",),
    "UploadPart": ("PutObject",),
}
# What concerns the account as a whole.
_S3_CONTROL: Final[Mapping[str, tuple[str, ...]]] = {
    "DeletePublicAccessBlock": ("PutAccountPublicAccessBlock",),
    "GetPublicAccessBlock": ("GetAccountPublicAccessBlock",),
    "PutPublicAccessBlock": ("PutAccountPublicAccessBlock",),
}
# Reads of Keyspaces are reads of its system tables.
_KEYSPACES: Final[Mapping[str, tuple[str, ...]]] = {
    "GetKeyspace": ("Select",),
    "GetTable": ("Select",),
    "ListKeyspaces": ("Select",),
    "ListTables": ("Select",),
    "UpdateTable": ("Alter",),
}
OTHERWISE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "bedrock-runtime": {"Converse": ("InvokeModel",), "ConverseStream": ("InvokeModelWithResponseStream",)},
    # A transaction needs what is in it. Those of iacfix put, and look at nothing besides.
    "dynamodb": {"TransactWriteItems": ("PutItem",), "TransactGetItems": ("GetItem",)},
    "keyspaces": _KEYSPACES,
    "kms": {"ReEncrypt": ("ReEncryptFrom", "ReEncryptTo")},
    "lambda": {
        "GetLayerVersionByArn": ("GetLayerVersion",),
        "Invoke": ("InvokeFunction",),
        "InvokeWithResponseStream": ("InvokeFunction",),
    },
    "s3": _S3,
    "s3control": _S3_CONTROL,
    "securityhub": {"BatchUpdateFindingsV2": ("BatchUpdateFindings",), "GetFindingsV2": ("GetFindings",)},
    "sns": {"PublishBatch": ("Publish",)},
    # Sessions of iacfix always carry tags.
    "sts": {"AssumeRole": ("AssumeRole", "TagSession")},
    "sqs": {
        "ChangeMessageVisibilityBatch": ("ChangeMessageVisibility",),
        "DeleteMessageBatch": ("DeleteMessage",),
        "SendMessageBatch": ("SendMessage",),
    },
}
# API Gateway knows the methods of HTTP instead of names.
_METHODS: Final[Mapping[str, str]] = {
    "Create": "POST",
    "Delete": "DELETE",
    "Get": "GET",
    "Put": "PUT",
    "Tag": "PUT",
    "Untag": "DELETE",
    "Update": "PATCH",
}
_SERVICE: Final = re.compile(r"[a-z][a-z0-9-]*")
_OPERATION: Final = re.compile(r"[A-Z][A-Za-z0-9]*")
# Nobody needs leave to ask who he is.
FREE: Final = frozenset({("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")})


def actions_of(service: str, operation: str) -> tuple[str, ...]:
    """What one call needs; nothing where AWS asks for nothing. Raises ConfigurationError for what is no name."""
    if not (_SERVICE.fullmatch(service) and _OPERATION.fullmatch(operation)):
        raise ConfigurationError(
            f"{service}:{operation} is no operation of AWS", remedy="name it as botocore does: s3, GetBucketAcl"
        )
    if (service, operation) in FREE:
        return ()
    prefix = PREFIXES.get(service, service)
    if prefix == "apigateway":
        return (f"apigateway:{_method(service, operation)}",)
    return tuple(f"{prefix}:{name}" for name in OTHERWISE.get(service, {}).get(operation, (operation,)))


def actions(calls: Iterable[Call]) -> tuple[str, ...]:
    """What all of these need, each once, in order."""
    return tuple(sorted({action for service, operation in calls for action in actions_of(service, operation)}))


def _method(service: str, operation: str) -> str:
    for verb, method in _METHODS.items():
        if operation.startswith(verb):
            return method
    raise ConfigurationError(f"what {service}:{operation} needs of IAM is not known", remedy="add it to the table")
