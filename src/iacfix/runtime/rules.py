"""The rules of a security group that let everybody reach a port."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from iacfix.domain.runbook import Values
from iacfix.ports.posture import Answer, PostureError

EVERYBODY = {"CidrIpv4": "0.0.0.0/0", "CidrIpv6": "::/0"}
_ALL_PROTOCOLS = "-1"
_PROTOCOLS = frozenset({"tcp", "6", "udp", "17"})


@dataclass(frozen=True, slots=True)
class OpenRules:
    """`values` are the ids of the `rules` that open this port alone, and the `permissions` to put them back. `wider`
    names those that open more, which only their owner can part; "" where there are none.
    """

    values: Values
    wider: str


def open_rules(answer: Answer, port: int, group: str) -> OpenRules:
    """Raises PostureError where not every rule can be read."""
    rules = answer.get("SecurityGroupRules")
    if not isinstance(rules, list) or answer.get("NextToken") or not all(isinstance(each, Mapping) for each in rules):
        raise PostureError(f"not all rules of {group} can be read", remedy="look at the security group")
    exact: list[tuple[str, str]] = []
    wider: list[str] = []
    for rule in cast("list[Mapping[str, object]]", rules):
        if rule.get("GroupId") not in {group, None}:
            raise PostureError(f"AWS answered with the rules of another group than {group}")
        if rule.get("IsEgress") or not _opens(rule, port):
            continue
        identity = str(rule.get("SecurityGroupRuleId") or "")
        if rule.get("FromPort") == rule.get("ToPort") == port and identity:
            exact.append((identity, _permission(rule)))
        else:
            wider.append(identity or "a rule without an id")
    said = f"{', '.join(wider)} opens more than port {port}: what else has to stay open only its owner knows"
    values = {"rules": tuple(each for each, _ in exact), "permissions": tuple(each for _, each in exact)}
    return OpenRules(values, said if wider else "")


def _opens(rule: Mapping[str, object], port: int) -> bool:
    if not any(rule.get(name) == everybody for name, everybody in EVERYBODY.items()):
        return False
    protocol = str(rule.get("IpProtocol"))
    if protocol == _ALL_PROTOCOLS:
        return True
    first, last = rule.get("FromPort"), rule.get("ToPort")
    if not isinstance(first, int) or not isinstance(last, int):
        return protocol in _PROTOCOLS
    return protocol in _PROTOCOLS and (first <= port <= last or first == -1)


def _permission(rule: Mapping[str, object]) -> str:
    """As AuthorizeSecurityGroupIngress takes it."""
    described = {"Description": rule["Description"]} if rule.get("Description") else {}
    four = [{"CidrIp": rule["CidrIpv4"], **described}] if rule.get("CidrIpv4") else []
    six = [{"CidrIpv6": rule["CidrIpv6"], **described}] if rule.get("CidrIpv6") else []
    ranges = {"IpRanges": four} if four else {"Ipv6Ranges": six}
    ports = {"FromPort": rule["FromPort"], "ToPort": rule["ToPort"]}
    return json.dumps({"IpProtocol": rule["IpProtocol"], **ports, **ranges}, sort_keys=True)
