"""The live resource that a finding is about. What is not surely one thing in one account is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from iacfix.domain.finding import Finding
from iacfix.domain.runbook import RuntimeFix
from iacfix.ports.posture import At

ACCOUNT = "account:"
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@+=,-]{0,254}")
_ARN = re.compile(
    r"arn:(aws[a-z-]{0,16}):([a-z0-9-]{1,64}):([a-z0-9-]{0,32}):([0-9]{0,12}):([A-Za-z0-9._/:@+=,-]{1,512})"
)
_WHOLE_ACCOUNT = re.compile(r"AWS::::Account:([0-9]{12})|([0-9]{12})|arn:aws[a-z-]*:iam::([0-9]{12}):root")
_LONGEST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Target:
    """`arn` is "" where the finding has a name alone."""

    name: str
    arn: str
    account: str
    region: str
    partition: str = "aws"

    @property
    def at(self) -> At:
        return At(self.account, self.region)

    def values(self, role: str) -> Mapping[str, str]:
        """What templates may ask for. `role` is the role that a runbook acts as."""
        suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return {
            "name": self.name,
            "arn": self.arn,
            "account": self.account,
            "region": self.region,
            "partition": self.partition,
            "queue": f"https://sqs.{self.region}.{suffix}/{self.account}/{self.name}" if self.name else "",
            "role": role,
        }


def target_of(finding: Finding, fix: RuntimeFix) -> Target | str:
    """Or in words why it is none."""
    resource = finding.resource
    if _ACCOUNT.fullmatch(resource.account) is None:
        return "the finding does not say in which account the resource is"
    if _REGION.fullmatch(resource.region) is None:
        return "the finding does not say in which region the resource is"
    if fix.arn == ACCOUNT:
        return _whole(finding)
    identifier = resource.identifier
    if not identifier.startswith("arn:"):
        if _NAME.fullmatch(identifier) is None or ".." in identifier:
            return f"{_shown(identifier)} is no name of a resource"
        return Target(identifier, "", resource.account, resource.region)
    parts = _ARN.fullmatch(identifier)
    if parts is None:
        return f"{_shown(identifier)} is no ARN"
    partition, service, region, account, name = parts.groups()
    if account not in {"", resource.account} or region not in {"", resource.region}:
        return "the ARN speaks of another account or region than the finding does"
    wanted, _, kind = fix.arn.partition(":")
    rest = name.removeprefix(kind).removeprefix("/").removeprefix(":") if kind else name
    if service != wanted or not name.startswith(kind) or (kind and name[len(kind) : len(kind) + 1] not in {"/", ":"}):
        return f"{_shown(identifier)} is none of {fix.arn}, of which the runbook knows how to change something"
    if _NAME.fullmatch(rest) is None or ".." in rest:
        return f"{_shown(rest)} is no name of a resource"
    return Target(rest, identifier, resource.account, resource.region, partition)


def _whole(finding: Finding) -> Target | str:
    found = _WHOLE_ACCOUNT.fullmatch(finding.resource.identifier)
    if found is None or finding.resource.account not in found.groups():
        return f"{_shown(finding.resource.identifier)} is not the account {finding.resource.account}"
    return Target("", "", finding.resource.account, finding.resource.region)


def _shown(text: str) -> str:
    return ascii(text[:_LONGEST_SHOWN])
