"""The ARN of a thing that a tool names by its id alone, for kinds where nothing is left to guess.

AWS Config, Wiz and Security Hub V2 say `AWS::S3::Bucket` and `acme-logs` where others say `arn:aws:s3:::acme-logs`: one
fact, which has to be one in the ledger too. Kinds whose id is not what their ARN holds (a database's `db-…`, a role's
`AROA…`) are left as they are.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from iacfix.domain.finding import CloudResource
from iacfix.findings.resources import name_of

_ACCOUNT = re.compile("[0-9]{12}")
_REGION = re.compile("[a-z]{2}(?:-[a-z]+)+-[0-9]")
_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-isob-", "aws-iso-b"), ("us-iso-", "aws-iso"))
_NAME = r"[A-Za-z0-9_.-]{1,255}"
_KEY = r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_BUCKET = "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"


def _ec2(kind: str, prefix: str) -> tuple[str, re.Pattern[str]]:
    return f"ec2:{{region}}:{{account}}:{kind}/{{id}}", re.compile(f"{prefix}-(?:[0-9a-f]{{8}}|[0-9a-f]{{17}})")


# By the kind in small letters without its colons, as all tools spell it: `AWS::S3::Bucket` and `AwsS3Bucket`.
KINDS: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "awss3bucket": ("s3:::{id}", re.compile(_BUCKET)),
    "awsdynamodbtable": ("dynamodb:{region}:{account}:table/{id}", re.compile(_NAME)),
    "awslambdafunction": ("lambda:{region}:{account}:function:{id}", re.compile("[A-Za-z0-9_-]{1,64}")),
    "awskmskey": ("kms:{region}:{account}:key/{id}", re.compile(_KEY)),
    "awsec2instance": _ec2("instance", "i"),
    "awsec2volume": _ec2("volume", "vol"),
    "awsec2vpc": _ec2("vpc", "vpc"),
    "awsec2subnet": _ec2("subnet", "subnet"),
    "awsec2securitygroup": _ec2("security-group", "sg"),
    "awsec2networkacl": _ec2("network-acl", "acl"),
    "awsec2networkinterface": _ec2("network-interface", "eni"),
}


def completed(resource: CloudResource) -> CloudResource:
    """With its ARN as identifier where that is certain; the account itself as Security Hub names it."""
    kind = resource.type.replace(":", "").lower()
    if kind == "awsaccount" and _ACCOUNT.fullmatch(resource.identifier):
        return replace(resource, identifier=f"AWS::::Account:{resource.identifier}")
    template, form = KINDS.get(kind, ("", None))
    if form is None or form.fullmatch(resource.identifier) is None:
        return resource
    placed = _ACCOUNT.fullmatch(resource.account) and _REGION.fullmatch(resource.region)
    if ("{region}" in template and not placed) or (resource.region and not _REGION.fullmatch(resource.region)):
        return resource
    partition = next((name for begin, name in _PARTITIONS if resource.region.startswith(begin)), "aws")
    said = template.format(region=resource.region, account=resource.account, id=resource.identifier)
    arn = f"arn:{partition}:{said}"
    return replace(resource, identifier=arn, name=resource.name or name_of(arn))
