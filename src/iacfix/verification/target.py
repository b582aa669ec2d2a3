"""From what a finding calls a resource to what its service calls it. The identifier is untrusted: it becomes parameters
of calls, so that only what has the form of a name gets through.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iacfix.domain.finding import CloudResource
from iacfix.ports.posture import At

LONGEST_IDENTIFIER = 2048

_ARN = re.compile(
    r"arn:(?P<partition>aws(?:-[a-z]{1,4}){0,2}):(?P<service>[a-z0-9-]{2,40}):(?P<region>[a-z0-9-]{0,25})"
    r":(?P<account>[0-9]{12}|)(?::)(?P<resource>[!-~ ]{1,1900})"
)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_ACCOUNT = re.compile(r"[0-9]{12}")
_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-isob-": "aws-iso-b",
    "us-iso-": "aws-iso",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


_HOME = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1", "aws-eusc": "eusc-de-east-1"}


class UnclearError(Exception):
    """Nothing can be said of the resource; the text says why, for a person to act on."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource. `arn` is a pattern of what follows the partition: `service:resource`, and `plain` one of a
    bare identifier; their named groups are what parameters of calls may ask for. `types` are what reports call it, for
    bare identifiers that several kinds could have.

    `regional`: the same name may be there in each region, so that the region has to be known. `one_world`: a name is
    given once in all accounts. `by_chance`: the service makes the id, and never the same one twice.
    """

    name: str
    arn: str
    plain: str = ""
    types: tuple[str, ...] = ()
    regional: bool = True
    one_world: bool = False
    by_chance: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """`names` holds the groups of the kind's pattern, `account`, `region` and `arn` where they are known."""

    kind: Kind
    identifier: str
    names: Mapping[str, str]
    at: At

    def filled(self, parameters: Mapping[str, object]) -> dict[str, object]:
        """With `{name}` replaced, in lists too. Raises UnclearError where a name is not known."""
        return {key: self._filled(value) for key, value in parameters.items()}

    def _filled(self, value: object) -> object:
        if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
            name = value[1:-1]
            if not (found := self.names.get(name, "")):
                known = "its ARN" if name == "arn" else f"its {name}"
                raise UnclearError(f"{known} has to be known to look at this {self.kind.name}; give the ARN")
            return found
        if isinstance(value, Mapping):
            return {key: self._filled(item) for key, item in value.items()}
        return [self._filled(item) for item in value] if isinstance(value, list) else value


def target_of(resource: CloudResource, kinds: Sequence[Kind]) -> Target:
    """Raises UnclearError: an identifier that is none, that contradicts itself or the finding, or that is of another
    kind than the check speaks of.
    """
    identifier = resource.identifier
    if not identifier or len(identifier) > LONGEST_IDENTIFIER or not identifier.isprintable():
        raise UnclearError("the finding names no resource in a form that can be looked up")
    account, region = resource.account.strip(), resource.region.strip()
    if region in {"global", "aws-global"}:
        region = ""
    if account and not _ACCOUNT.fullmatch(account):
        raise UnclearError("the finding's account is not a number of twelve digits")
    if region and not _REGION.fullmatch(region):
        raise UnclearError("the finding's region is not one that AWS could have")
    if identifier.startswith("arn:"):
        return _of_arn(identifier, account, region, kinds)
    fitting = [(kind, found) for kind in kinds if kind.plain and (found := re.fullmatch(kind.plain, identifier))]
    if len(fitting) > 1:
        fitting = [(kind, found) for kind, found in fitting if resource.type in kind.types]
    if len(fitting) != 1:
        names = " or ".join(kind.name for kind in kinds)
        raise UnclearError(f"the identifier does not say which {names} is meant; give its ARN")
    kind, found = fitting[0]
    return _target(kind, identifier, {**_groups(found)}, account, region)


def _of_arn(arn: str, account: str, region: str, kinds: Sequence[Kind]) -> Target:
    parts = _ARN.fullmatch(arn)
    if parts is None:
        raise UnclearError("the identifier begins like an ARN and is none")
    if account and parts["account"] and account != parts["account"]:
        raise UnclearError(f"the ARN is of account {parts['account']}, the finding of {account}")
    # A collector of findings may stand in another region than the resource, so that the ARN's word counts.
    region, account = parts["region"] or region, parts["account"] or account
    if region and not _REGION.fullmatch(region):
        raise UnclearError("the ARN's region is not one that AWS could have")
    if region and _partition(region) != parts["partition"]:
        raise UnclearError(f"the ARN's partition {parts['partition']} has no region {region}")
    rest = f"{parts['service']}:{parts['resource']}"
    for kind in kinds:
        if found := re.fullmatch(kind.arn, rest):
            home = region or ("" if kind.regional else _HOME.get(parts["partition"], ""))
            return _target(kind, arn, {**_groups(found), "arn": arn}, account, home)
    raise UnclearError(f"the ARN is not of a {' or '.join(kind.name for kind in kinds)}")


def _target(kind: Kind, identifier: str, names: dict[str, str], account: str, region: str) -> Target:
    own = names.pop("of_account", "")
    if own and account and own != account:
        raise UnclearError(f"the identifier is account {own}, the finding of {account}")
    account = own or account
    if kind.regional and not region:
        raise UnclearError(f"the region of the {kind.name} is not known; give it")
    return Target(kind, identifier, {**names, "account": account, "region": region}, At(account, region))


def _groups(found: re.Match[str]) -> dict[str, str]:
    return {name: value for name, value in found.groupdict().items() if value}


def _partition(region: str) -> str:
    return next((partition for start, partition in _PARTITIONS.items() if region.startswith(start)), "aws")
