"""Properties that a fix never gives up, whatever the finding: they protect something else."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from iacfix.controls.property_paths import ITEM
from iacfix.iac.cloudformation.document import Resource
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Template, Value
from iacfix.validators import create_only
from iacfix.validators.changes import Reached, changes

GUARDS = frozenset({
    "AtRestEncryptionEnabled", "AutoMinorVersionUpgrade", "BlockPublicAcls", "BlockPublicPolicy", "DeletionProtection",
    "DeletionProtectionEnabled", "EnableIAMDatabaseAuthentication", "EnableKeyRotation", "EnableLogFileValidation",
    "Enabled", "Encrypted", "IgnorePublicAcls", "KmsMasterKeyId", "RestrictPublicBuckets", "SSEEnabled",
    "SqsManagedSseEnabled", "StorageEncrypted", "TerminationProtection", "TransitEncryptionEnabled",
})  # fmt: skip
OPENINGS = frozenset({
    "AssociatePublicIpAddress", "BypassPolicyLockoutSafetyCheck", "MapPublicIpOnLaunch", "Privileged",
    "PrivilegedMode", "PubliclyAccessible", "SkipFinalClusterSnapshot",
})  # fmt: skip
RUNS = frozenset({"Code", "CodeUri", "ImageUri", "InlineCode", "TemplateURL", "UserData", "ZipFile"})
# Another name makes another resource: CloudFormation replaces the old one, and what is in it goes.
IDENTITY = frozenset({
    "AlarmName", "BucketName", "ClusterIdentifier", "ClusterName", "DBClusterIdentifier", "DBInstanceIdentifier",
    "DBName", "DatabaseName", "DomainName", "Engine", "FunctionName", "GroupName", "ImageId", "KeyUsage",
    "LogGroupName", "MasterUsername", "Name", "PolicyName", "QueueName", "RepositoryName", "RoleName", "SecretName",
    "TableName", "TopicName", "TrailName", "UserName",
})  # fmt: skip
# What CloudFormation cannot change in place beside what the resource schemas say: see create_only.py.
REPLACING: Mapping[str, tuple[str, ...]] = {
    "AWS::EC2::Instance": ("BlockDeviceMappings",),
    "AWS::EC2::Volume": ("AvailabilityZone", "Encrypted", "KmsKeyId"),
}
# What narrows a grant that holds nothing: with it another one takes its place, which is there before the old one goes.
NARROWING: Mapping[str, frozenset[str]] = {
    "AWS::Lambda::Permission": frozenset({"PrincipalOrgID", "SourceAccount", "SourceArn"}),
}
OPEN = (Known(value=True), Known("true"))
_NETWORKS = frozenset({"0.0.0.0/0", "::/0"})


def weakened(before: Resource | None, after: Resource) -> str:
    """What the change gives up, or ""."""
    old = before.get("Properties") if before is not None else None
    new = after.get("Properties")
    for path, was, now in changes(old, new):
        name = next((part for part in reversed(path) if part != ITEM), "")
        if name in GUARDS and _on(was) and (not _on(now) or isinstance(now, CallValue)):
            return f"{'.'.join(path)} is given up"
        if name in OPENINGS and _on(now) and was not in OPEN:
            return f"{'.'.join(path)} is switched on"
        if before is not None and RUNS.intersection(path):
            return f"{'.'.join(path)} is changed"
        narrowed = was is None and not _off(now) and path == (name,) and name in NARROWING.get(after.type, ())
        if before is not None and not narrowed and _makes_another(path, after.type):
            return f"{'.'.join(path)} is changed, which replaces the resource and what is in it"
    wild, earlier = Counter(_wide(new)), Counter(_wide(old))
    for text in wild - earlier:
        return "every address is let in" if text in _NETWORKS else "a permission gets a wildcard"
    return ""


def _makes_another(path: Reached, resource_type: str) -> bool:
    if not path:
        return False
    named = tuple(part for part in path if part != ITEM)
    return (
        (len(path) == 1 and path[0] in IDENTITY)
        or path[0] in REPLACING.get(resource_type, ())
        # where a function stands in the place of a whole mapping, anything in it may have changed
        or any(named[: len(each)] == each[: len(named)] for each in create_only.properties(resource_type))
    )


def _on(value: Value | None) -> bool:
    """Anything but off: a key's id, a mapping and a function count too."""
    return value is not None and not _off(value)


def _off(value: Value | None) -> bool:
    return isinstance(value, Known) and value.value in (False, "false", "", None)


# The ARN of a log group itself ends so, and services ask for it in that form.
_LOG_GROUP = re.compile(r"arn:[a-z-]+:logs:[a-z0-9-]+:\d{12}:log-group:[^*:]+:\*")


def _wide(value: Value | None) -> Iterator[str]:
    """Wildcards and open networks, wherever they stand."""
    match value:
        case Known(str() as text):
            if text in _NETWORKS:
                yield text
            elif (text == "*" or text.endswith(":*")) and not _LOG_GROUP.fullmatch(text):
                yield "*"
        case ListValue(items) | Template(items) | CallValue(_, items):
            for item in items:
                yield from _wide(item)
        case ObjectValue(pairs):
            for _, item in pairs:
                yield from _wide(item)
        case _:
            pass
