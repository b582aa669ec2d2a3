import json
from typing import Any

from tests.contract.postures.tools import ACCOUNT, Made, Posture, arn, client, key, policy

_ADMIN = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
_NARROW = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
)


def _iam(resource: str) -> str:
    return arn("iam", resource, region="")


def _users() -> Made:
    iam = client("iam")
    for name in ("wrong", "right"):
        iam.create_user(UserName=name)
    iam.put_user_policy(UserName="wrong", PolicyName="own", PolicyDocument=_ADMIN)
    made = iam.create_policy(PolicyName="AdministratorAccess-of-ours", PolicyDocument=_NARROW)
    iam.attach_user_policy(UserName="wrong", PolicyArn=made["Policy"]["Arn"])
    return Made(_iam("user/wrong"), _iam("user/right"), _iam("user/nobody"))


def _policies() -> Made:
    wrong = client("iam").create_policy(PolicyName="wrong", PolicyDocument=_NARROW)["Policy"]["Arn"]
    client("iam").create_policy_version(PolicyArn=wrong, PolicyDocument=_ADMIN, SetAsDefault=True)
    right = client("iam").create_policy(PolicyName="right", PolicyDocument=_ADMIN)["Policy"]["Arn"]
    client("iam").create_policy_version(PolicyArn=right, PolicyDocument=_NARROW, SetAsDefault=True)
    return Made(wrong, right, _iam("policy/nothing"))


def _roles() -> Made:
    who = {"wrong": {"AWS": "*"}, "right": {"Service": "ec2.amazonaws.com"}}
    for name, principal in who.items():
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        client("iam").create_role(RoleName=name, Path="/teams/", AssumeRolePolicyDocument=document)
    return Made(_iam("role/teams/wrong"), _iam("role/teams/right"), _iam("role/teams/nobody"))


def _keys() -> Made:
    kms = client("kms")
    wrong = kms.create_key(Policy=policy("kms:*", "*"))["KeyMetadata"]["Arn"]
    right = kms.create_key(Policy=policy("kms:*"))["KeyMetadata"]["Arn"]
    kms.enable_key_rotation(KeyId=right)
    return Made(wrong, right, arn("kms", "key/12345678-1234-1234-1234-123456789012"))


def _disabled_keys() -> Made:
    made = _keys()
    client("kms").disable_key(KeyId=made.wrong.rpartition("/")[2])
    return made


def _trails() -> Made:
    trail, s3 = client("cloudtrail"), client("s3")
    s3.create_bucket(Bucket="trails", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("sns").create_topic(Name="trails")
    log_group = arn("logs", "log-group:trails:*")
    client("logs").create_log_group(logGroupName="trails")
    right: dict[str, Any] = {
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": True,
        "KmsKeyId": key(),
        "CloudWatchLogsLogGroupArn": log_group,
        "CloudWatchLogsRoleArn": _iam("role/trails"),
        "SnsTopicName": "trails",
    }
    trail.create_trail(Name="wrong", S3BucketName="trails")
    trail.create_trail(Name="right", S3BucketName="trails", **right)
    trail.start_logging(Name="right")
    return Made(arn("cloudtrail", "trail/wrong"), arn("cloudtrail", "trail/right"), arn("cloudtrail", "trail/nothing"))


def _log_groups() -> Made:
    logs = client("logs")
    for name in ("group", "group-kept"):  # one name begins with the other
        logs.create_log_group(logGroupName=name, **({"kmsKeyId": key()} if name == "group-kept" else {}))
    logs.put_retention_policy(logGroupName="group-kept", retentionInDays=731)
    return Made(arn("logs", "log-group:group:*"), arn("logs", "log-group:group-kept"), arn("logs", "log-group:nothing"))


def _short_log_groups() -> Made:
    made = [arn("logs", "log-group:short"), arn("logs", "log-group:long")]
    for name, days in (("short", 30), ("long", 365)):
        client("logs").create_log_group(logGroupName=name)
        client("logs").put_retention_policy(logGroupName=name, retentionInDays=days)
    return Made(made[0], made[1], arn("logs", "log-group:nothing"))


def _secrets() -> Made:
    secrets = client("secretsmanager")
    wrong = secrets.create_secret(Name="wrong", SecretString="hunter2")["ARN"]
    right = secrets.create_secret(Name="right", SecretString="hunter2", KmsKeyId=key())["ARN"]
    secrets.rotate_secret(
        SecretId="right",
        RotationRules={"AutomaticallyAfterDays": 30},
    )
    return Made(wrong, right, arn("secretsmanager", "secret:nothing-AbCdEf"))


def _detectors() -> Made:
    made = [
        client("guardduty", region).create_detector(Enable=enabled)["DetectorId"]
        for region, enabled in (("eu-west-2", False), ("eu-west-1", True))
    ]
    return Made(
        arn("guardduty", f"detector/{made[0]}", region="eu-west-2"), arn("guardduty", f"detector/{made[1]}"), ""
    )


def _regions() -> Made:
    """What an account has once in each region."""
    client("ec2", "eu-west-2").enable_ebs_encryption_by_default()
    return Made(f"{ACCOUNT}@eu-west-1", f"{ACCOUNT}@eu-west-2", "")


POSTURES = (
    Posture(_users, ("iam-no-user-policies", "iam-no-admin-policy")),
    Posture(_policies, ("iam-no-admin-policy",)),
    Posture(_roles, ("iam-role-trust-not-everybody",)),
    Posture(_keys, ("kms-key-rotation", "kms-key-no-wildcard-principal")),
    Posture(_disabled_keys, ("kms-key-enabled",)),
    Posture(
        _trails,
        (
            *("cloudtrail-enabled", "cloudtrail-multi-region", "cloudtrail-log-validation"),
            *("cloudtrail-kms-encryption", "cloudtrail-log-group", "cloudtrail-sns-topic"),
        ),
    ),
    Posture(_log_groups, ("cloudwatch-log-retention", "cloudwatch-log-encryption")),
    Posture(_short_log_groups, ("cloudwatch-log-retention-year",)),
    Posture(_secrets, ("secretsmanager-rotation", "secretsmanager-rotation-interval", "secretsmanager-customer-key")),
    Posture(_regions, ("ebs-encryption-by-default",)),
    Posture(_detectors, ("guardduty-enabled",)),
)
