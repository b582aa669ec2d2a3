"""Resources that lead checks to the calls which no other posture needs."""

from functools import cache

from tests.contract.postures.accounts import _ADMIN, _NARROW, _iam
from tests.contract.postures.tools import arn, client, subnets


@cache
def other_ways() -> tuple[tuple[str, str], ...]:
    """Controls, and what to look at for each."""
    return (
        ("iam-no-admin-policy", _role()),
        ("iam-no-admin-policy", _group()),
        ("sg-no-open-ssh", _by_prefix_list()),
        ("rds-snapshot-not-public", _snapshot()),
        ("rds-snapshot-encryption", _snapshot()),
        ("elasticache-minor-upgrades", arn("elasticache", "cluster:nothing")),
    )


def _role() -> str:
    iam = client("iam")
    iam.create_role(RoleName="other", AssumeRolePolicyDocument=_ADMIN)
    iam.put_role_policy(RoleName="other", PolicyName="own", PolicyDocument=_NARROW)
    return _iam("role/other")


def _group() -> str:
    iam = client("iam")
    iam.create_group(GroupName="other")
    iam.put_group_policy(GroupName="other", PolicyName="own", PolicyDocument=_NARROW)
    return _iam("group/other")


def _by_prefix_list() -> str:
    ec2 = client("ec2")
    made = ec2.create_managed_prefix_list(
        PrefixListName="offices", MaxEntries=2, AddressFamily="IPv4", Entries=[{"Cidr": "10.1.0.0/16"}]
    )
    group = ec2.create_security_group(GroupName="by-list", Description="by a list", VpcId=subnets()[0])["GroupId"]
    lists = [{"PrefixListId": made["PrefixList"]["PrefixListId"]}]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": lists}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    return arn("ec2", f"security-group/{group}")


@cache
def _snapshot() -> str:
    rds = client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="other", Engine="aurora-postgresql", MasterUsername="someone", MasterUserPassword="hunter22"
    )
    rds.create_db_cluster_snapshot(DBClusterIdentifier="other", DBClusterSnapshotIdentifier="other-1")
    return arn("rds", "cluster-snapshot:other-1")
