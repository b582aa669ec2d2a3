from tests.contract.postures.tools import UNTOLD, Made, Posture, arn, client, open_to, subnets


def _group(name: str, *, egress: bool) -> str:
    vpc, _ = subnets()
    made = str(client("ec2").create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"])
    if not egress:
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        client("ec2").revoke_security_group_egress(GroupId=made, IpPermissions=everything)
    return made


def _groups() -> Made:
    wrong, right = _group("open", egress=True), _group("closed", egress=False)
    client("ec2").authorize_security_group_ingress(
        GroupId=wrong,
        IpPermissions=[{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}], "IpRanges": []}],
    )
    client("ec2").authorize_security_group_ingress(GroupId=right, IpPermissions=open_to(443))
    client("ec2").authorize_security_group_ingress(
        GroupId=right, IpPermissions=open_to(22, 80, 3389, cidr="10.0.0.0/8")
    )
    return Made(
        arn("ec2", f"security-group/{wrong}"),
        arn("ec2", f"security-group/{right}"),
        arn("ec2", "security-group/sg-0123456789abcdef0"),
    )


def _default_groups() -> Made:
    found = []
    for _ in range(2):
        vpc = client("ec2").create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        wanted = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
        (group,) = client("ec2").describe_security_groups(Filters=wanted)["SecurityGroups"]
        found.append(group)
    right = found[1]
    for direction, rules in (("ingress", right["IpPermissions"]), ("egress", right["IpPermissionsEgress"])):
        if rules:
            getattr(client("ec2"), f"revoke_security_group_{direction}")(GroupId=right["GroupId"], IpPermissions=rules)
    return Made(
        arn("ec2", f"security-group/{found[0]['GroupId']}"),
        arn("ec2", f"security-group/{right['GroupId']}"),
        arn("ec2", "security-group/sg-0123456789abcdef0"),
    )


def _acls() -> Made:
    vpc, _ = subnets()
    made = []
    for action in ("allow", "deny"):
        acl = client("ec2").create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        number = 100
        for cidr in ({"CidrBlock": "0.0.0.0/0"}, {"Ipv6CidrBlock": "::/0"}):
            client("ec2").create_network_acl_entry(
                NetworkAclId=acl, RuleNumber=number, Protocol="-1", RuleAction=action, Egress=False, **cidr
            )
            number += 1
        made.append(acl)
    return Made(
        arn("ec2", f"network-acl/{made[0]}"),
        arn("ec2", f"network-acl/{made[1]}"),
        UNTOLD,
    )


def _vpcs() -> Made:
    wrong, right = (client("ec2").create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
    client("logs").create_log_group(logGroupName="flows")
    client("ec2").create_flow_logs(
        ResourceIds=[right],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="flows",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flows",
    )
    return Made(arn("ec2", f"vpc/{wrong}"), arn("ec2", f"vpc/{right}"), arn("ec2", "vpc/vpc-0123456789abcdef0"))


def _subnets() -> Made:
    _, (wrong, right) = subnets()
    client("ec2").modify_subnet_attribute(SubnetId=wrong, MapPublicIpOnLaunch={"Value": True})
    return Made(
        arn("ec2", f"subnet/{wrong}"), arn("ec2", f"subnet/{right}"), arn("ec2", "subnet/subnet-0123456789abcdef0")
    )


def _interfaces() -> Made:
    _, (subnet, _other) = subnets()
    wrong, right = (
        client("ec2").create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
        for _ in range(2)
    )
    client("ec2").modify_network_interface_attribute(NetworkInterfaceId=wrong, SourceDestCheck={"Value": False})
    return Made(
        arn("ec2", f"network-interface/{wrong}"),
        arn("ec2", f"network-interface/{right}"),
        arn("ec2", "network-interface/eni-0123456789abcdef0"),
    )


def _gateways() -> Made:
    wrong, right = (
        client("ec2").create_transit_gateway(Options={"AutoAcceptSharedAttachments": how})["TransitGateway"]
        for how in ("enable", "disable")
    )
    return Made(
        arn("ec2", f"transit-gateway/{wrong['TransitGatewayId']}"),
        arn("ec2", f"transit-gateway/{right['TransitGatewayId']}"),
        UNTOLD,
    )


POSTURES = (
    Posture(
        _groups,
        (
            *("sg-no-open-ssh", "sg-no-open-rdp", "sg-no-open-http", "sg-no-open-admin-ports"),
            *("sg-no-open-high-risk-ports", "sg-authorized-ports", "sg-no-open-all-ports", "sg-no-open-egress"),
        ),
    ),
    Posture(_default_groups, ("vpc-default-security-group",)),
    Posture(
        _acls,
        (
            *("nacl-no-open-ssh", "nacl-no-open-rdp", "nacl-no-open-admin-ports", "nacl-no-open-ftp"),
            *("nacl-no-open-ftp-data", "nacl-no-open-all-ports"),
        ),
    ),
    Posture(_vpcs, ("vpc-flow-logs",)),
    Posture(_subnets, ("vpc-subnet-no-public-ip",)),
    Posture(_interfaces, ("ec2-source-destination-check",)),
    Posture(_gateways, ("ec2-transit-gateway-manual-accept",)),
)
