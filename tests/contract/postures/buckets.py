import json
from itertools import count

from tests.contract.postures.tools import ACCOUNT, Made, Posture, client, policy

_numbers = count(1)
_BLOCK = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def _bucket(**more: object) -> str:
    name = f"posture-{next(_numbers)}"
    where = {"LocationConstraint": "eu-west-1"}
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=where, **more)
    return name


def _arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"


def _plain() -> Made:
    """One bucket has nothing, the other everything that does not speak against something else."""
    s3, wrong, right = client("s3"), _bucket(), _bucket(ObjectLockEnabledForBucket=True)
    s3.put_bucket_acl(Bucket=wrong, ACL="public-read")
    block = {flag: flag != _BLOCK[3] for flag in _BLOCK}
    s3.put_public_access_block(Bucket=wrong, PublicAccessBlockConfiguration=block)
    s3.delete_bucket_encryption(Bucket=wrong)
    everybody = policy("s3:GetObject", "*", f"{_arn(wrong)}/*")
    s3.put_bucket_policy(Bucket=wrong, Policy=everybody)

    s3.put_public_access_block(Bucket=right, PublicAccessBlockConfiguration=dict.fromkeys(_BLOCK, True))
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket=right, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_bucket_versioning(Bucket=right, VersioningConfiguration={"Status": "Enabled"})
    rules = [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}]
    s3.put_bucket_lifecycle_configuration(Bucket=right, LifecycleConfiguration={"Rules": rules})
    owned = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket=right, OwnershipControls=owned)
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [_arn(right), f"{_arn(right)}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket=right, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    logs = _bucket()
    s3.put_bucket_acl(Bucket=logs, ACL="log-delivery-write")
    s3.put_bucket_logging(
        Bucket=right, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": logs, "TargetPrefix": "x/"}}
    )
    s3.put_bucket_versioning(Bucket=logs, VersioningConfiguration={"Status": "Enabled"})
    replicated = {
        "ID": "r",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "Destination": {"Bucket": _arn(logs)},
    }
    replicated["DeleteMarkerReplication"] = {"Status": "Disabled"}
    role = f"arn:aws:iam::{ACCOUNT}:role/replicates"
    s3.put_bucket_replication(Bucket=right, ReplicationConfiguration={"Role": role, "Rules": [replicated]})
    return Made(_arn(wrong), _arn(right), _arn("nobody-has-this-bucket"))


POSTURES = (
    Posture(
        _plain,
        (
            "s3-block-public-access",
            "s3-acl-no-public-grant",
            "s3-private-acl",
            "s3-default-encryption",
            "s3-default-encryption-kms",
            "s3-versioning",
            "s3-access-logging",
            "s3-object-lock",
            "s3-acl-disabled",
            "s3-cross-region-replication",
            "s3-lifecycle",
            "s3-no-public-policy",
            "s3-tls-only",
        ),
    ),
)
