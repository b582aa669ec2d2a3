"""Resources as they should not be and as they should, made in moto through its own API."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from boto3.session import Session

from iacfix.adapters.aws.session import fresh_session

# moto does not answer as AWS does where there is no such resource.
UNTOLD = ""
REGION, ACCOUNT = "eu-west-1", "123456789012"


@dataclass(frozen=True)
class Made:
    """ARNs, or other identifiers, of one that is wrong, one that is right, and one that never was; and the controls
    that this is so of.
    """

    wrong: str
    right: str
    gone: str


@dataclass(frozen=True)
class Posture:
    make: Callable[[], Made]
    controls: tuple[str, ...]


@cache
def _session() -> Session:
    return fresh_session(REGION)


@cache
def client(service: str, region: str = REGION) -> Any:
    """Descriptions of services are read once for these and for what is tested."""
    return _session().client(service, region_name=region)  # type: ignore[call-overload] # one overload for each service


@cache
def key() -> str:
    """A key of the account's own."""
    return str(client("kms").create_key(Policy=policy("kms:*"))["KeyMetadata"]["Arn"])


@cache
def subnets() -> tuple[str, tuple[str, str]]:
    """A VPC and two subnets of it."""
    vpc = client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    made = [
        client("ec2").create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for n, zone in enumerate("ab")
    ]
    return vpc, (made[0]["Subnet"]["SubnetId"], made[1]["Subnet"]["SubnetId"])


def arn(service: str, resource: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def policy(action: str, principal: object = None, resource: str = "*", **more: object) -> str:
    """Of the account alone, where nobody is named."""
    who = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"} if principal is None else principal
    statement = {"Sid": "only", "Effect": "Allow", "Principal": who, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def open_to(*ports: int, cidr: str = "0.0.0.0/0") -> list[dict[str, Any]]:
    return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]} for port in ports]
