"""Checks of networks: security groups, network ACLs, VPCs and subnets."""

from collections.abc import Callable, Iterator
from typing import Final

from iacfix.domain.networks import is_everybody
from iacfix.verification.answers import ABSENT, Is, Node, at, listed, text
from iacfix.verification.asking import Ask, Operation
from iacfix.verification.check import Check, Seen, alike
from iacfix.verification.checks.kinds import (
    NETWORK_ACL,
    SECURITY_GROUP,
    VPC,
)
from iacfix.verification.checks.sources import (
    OF_INTERFACE,
    OF_NETWORK_ACL,
    OF_SECURITY_GROUP,
    OF_SUBNET,
    OF_TRANSIT_GATEWAY,
    OF_VPC,
)
from iacfix.verification.target import UnclearError

HIGH_RISK: Final = (
    *(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080),
    *(8088, 8888, 9200, 9300),
)
AUTHORIZED: Final = (80, 443)
_ALL_PORTS = (0, 65535)
_ANY_PROTOCOL, _ICMP = "-1", frozenset({"1", "58", "icmp", "icmpv6"})
# EC2 answers names for these, and takes numbers.
_TCP, _UDP = frozenset({"6", "tcp"}), frozenset({"17", "udp"})
_SOURCES = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
_PREFIX_LIST: Operation = ("ec2", "GetManagedPrefixListEntries")

Ports = tuple[int, int]
Wrong = Callable[[str, Ports], bool]
"""Whether a rule that everybody may use is wrong, by its protocol and its ports."""


def _opens(*ports: int) -> Wrong:
    return lambda protocol, span: _has_ports(protocol) and any(span[0] <= port <= span[1] for port in ports)


def _opens_all(protocol: str, span: Ports) -> bool:
    return _has_ports(protocol) and _is_all(span)


def _opens_more(protocol: str, span: Ports) -> bool:
    return protocol not in _TCP or not (span[0] == span[1] and span[0] in AUTHORIZED)


def _has_ports(protocol: str) -> bool:
    return protocol == _ANY_PROTOCOL or protocol in _TCP | _UDP


def _is_all(span: Ports) -> bool:
    """Port 0 is nobody's: a rule that leaves it out leaves nothing out."""
    return span[0] <= 1 and span[1] >= _ALL_PORTS[1]


def _group_check(name: str, asserts: str, is_wrong: Wrong, direction: str = "IpPermissions") -> Check:
    def judge(ask: Ask) -> Seen:
        group = _group(ask)
        for rule in listed(group, direction):
            protocol, span = text(rule, "IpProtocol").lower(), _span(rule)
            if protocol not in _ICMP and is_wrong(protocol, span) and (who := _everybody(rule, ask)):
                return Seen(resolved=False, said=f"{who} may use {protocol} on ports {span[0]} to {span[1]}")
        return Seen(resolved=True, said=f"of {len(listed(group, direction))} rules none is: {asserts}")

    return Check(name, asserts, (SECURITY_GROUP,), OF_SECURITY_GROUP.operations | {_PREFIX_LIST}, judge)


def _group(ask: Ask) -> Node:
    node = OF_SECURITY_GROUP.ask(ask)
    if node is None:
        raise UnclearError("EC2 answered no security group")
    return node


def _span(rule: Node) -> Ports:
    """What says nothing of ports is open on all of them."""
    if at(rule, "IpProtocol") == _ANY_PROTOCOL:
        return _ALL_PORTS
    first, last = at(rule, "FromPort"), at(rule, "ToPort")
    if not isinstance(first, int) or not isinstance(last, int) or first < 0 or last < 0:
        return _ALL_PORTS
    return first, last


def _everybody(rule: Node, ask: Ask) -> str:
    """The range of the rule that is everybody's, "" where there is none."""
    if all(at(rule, path) in (ABSENT, []) for path in _SOURCES):
        raise UnclearError("a rule of the security group does not say whom it is for")
    for cidr in _ranges(rule, ask):
        if is_everybody(cidr) is not False:  # what cannot be read may be anything
            return cidr
    return ""


def _ranges(rule: Node, ask: Ask) -> Iterator[str]:
    for path, name in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        if at(rule, path) is not ABSENT:
            yield from (text(each, name) for each in listed(rule, path))
    if at(rule, "PrefixListIds") is not ABSENT:
        for prefix_list in listed(rule, "PrefixListIds"):
            wanted = {"PrefixListId": text(prefix_list, "PrefixListId")}
            yield from (text(each, "Cidr") for each in ask.pages(*_PREFIX_LIST, wanted, "Entries"))


def _default_group(ask: Ask) -> Seen:
    group = _group(ask)
    if at(group, "GroupName") != "default":
        raise UnclearError("this is not the default security group of its VPC")
    rules = len(listed(group, "IpPermissions")) + len(listed(group, "IpPermissionsEgress"))
    return Seen(not rules, f"the default security group has {rules} rules")


def _acl_check(name: str, asserts: str, *ports: int) -> Check:
    def judge(ask: Ask) -> Seen:
        entries = listed(OF_NETWORK_ACL.ask(ask), "Entries")
        if not entries:
            raise UnclearError("the answer has no entry at all, and each ACL has the last one that denies")
        incoming = sorted((each for each in entries if at(each, "Egress") is not True), key=_number)
        for family in _FAMILIES:
            of_family = [each for each in incoming if at(each, family) is not ABSENT]
            for protocol in (_TCP, _UDP):
                for port in ports or (_EVERY,):
                    if (rule := _opening(of_family, family, protocol, port)) is not None:
                        what = "every port" if port == _EVERY else f"port {port}"
                        return Seen(resolved=False, said=f"rule {_number(rule)} lets {at(rule, family)} in on {what}")
        if any(all(at(each, family) is ABSENT for family in _FAMILIES) for each in incoming):
            raise UnclearError("a rule of the ACL does not say whom it is for")
        return Seen(resolved=True, said=f"of {len(incoming)} incoming rules none opens: {asserts}")

    return Check(name, asserts, (NETWORK_ACL,), OF_NETWORK_ACL.operations, judge)


_FAMILIES = {"CidrBlock": "0.0.0.0/0", "Ipv6CidrBlock": "::/0"}
_EVERY = -1


def _number(entry: Node) -> int:
    number = at(entry, "RuleNumber")
    if not isinstance(number, int):
        raise UnclearError("a rule of the ACL has no number")
    return number


def _opening(entries: list[Node], family: str, protocol: frozenset[str], port: int) -> Node | None:
    """The rule that lets everybody in. Rules are tried in their order, and the first that fits decides."""
    for entry in entries:
        of, cidr = at(entry, "Protocol"), text(entry, family)
        if not isinstance(of, str):
            raise UnclearError("a rule of the ACL has no protocol")
        if of != _ANY_PROTOCOL and of not in protocol:
            continue
        action = text(entry, "RuleAction")
        if action not in {"allow", "deny"}:
            raise UnclearError("a rule of the ACL neither allows nor denies")
        if action == "allow":
            if is_everybody(cidr) is not False and _covers(entry, port, otherwise=True):
                return entry
        elif cidr == _FAMILIES[family] and _covers(entry, port, otherwise=False):
            return None
    return None


def _covers(entry: Node, port: int, *, otherwise: bool) -> bool:
    """`otherwise`: where that cannot be told."""
    if at(entry, "Protocol") == _ANY_PROTOCOL:
        return True
    first, last = at(entry, "PortRange.From"), at(entry, "PortRange.To")
    if not isinstance(first, int) or not isinstance(last, int):
        return otherwise
    return _is_all((first, last)) if port == _EVERY else first <= port <= last


def _flow_logs(ask: Ask) -> Seen:
    OF_VPC.ask(ask)
    found = ask.pages("ec2", "DescribeFlowLogs", {"Filters": [{"Name": "resource-id", "Values": ["{id}"]}]}, "FlowLogs")
    working = [
        each
        for each in found
        if at(each, "ResourceId") == ask.target.names["id"]
        and at(each, "FlowLogStatus") == "ACTIVE"
        and at(each, "TrafficType") in ("ALL", "REJECT")
        and at(each, "DeliverLogsStatus") != "FAILED"
    ]
    said = f"{len(working)} of {len(found)} flow logs are active and record what is rejected"
    return Seen(bool(working), said)


CHECKS: Final = (
    _group_check("sg_ssh", "nobody from everywhere may use port 22", _opens(22)),
    _group_check("sg_rdp", "nobody from everywhere may use port 3389", _opens(3389)),
    _group_check("sg_http", "nobody from everywhere may use port 80", _opens(80)),
    _group_check("sg_admin_ports", "nobody from everywhere may use port 22 or 3389", _opens(22, 3389)),
    _group_check("sg_high_risk_ports", "nobody from everywhere may use a high-risk port", _opens(*HIGH_RISK)),
    _group_check("sg_authorized_ports", "everybody may use no port but 80 and 443", _opens_more),
    _group_check("sg_all_ports", "nobody from everywhere may use every port", _opens_all),
    _group_check("sg_egress", "not all traffic may go everywhere", _opens_all, "IpPermissionsEgress"),
    Check(
        "default_security_group",
        "the default security group of a VPC has no rule, incoming or outgoing",
        (SECURITY_GROUP,),
        OF_SECURITY_GROUP.operations,
        _default_group,
    ),
    _acl_check("nacl_ssh", "no rule lets everybody in on port 22 before one denies it", 22),
    _acl_check("nacl_rdp", "no rule lets everybody in on port 3389 before one denies it", 3389),
    _acl_check("nacl_admin_ports", "no rule lets everybody in on port 22 or 3389 before one denies it", 22, 3389),
    _acl_check("nacl_ftp", "no rule lets everybody in on port 21 before one denies it", 21),
    _acl_check("nacl_ftp_data", "no rule lets everybody in on port 20 before one denies it", 20),
    _acl_check("nacl_all_ports", "no rule lets everybody in on every port before one denies it"),
    Check(
        "vpc_flow_logs",
        "an active flow log of the VPC records rejected traffic, or all",
        (VPC,),
        OF_VPC.operations | {("ec2", "DescribeFlowLogs")},
        _flow_logs,
    ),
    alike("subnet_public_addresses", [OF_SUBNET], Is("MapPublicIpOnLaunch", value=False)),
    alike("source_destination_check", [OF_INTERFACE], Is("SourceDestCheck", value=True)),
    alike("transit_gateway_accepts", [OF_TRANSIT_GATEWAY], Is("Options.AutoAcceptSharedAttachments", "disable")),
)
