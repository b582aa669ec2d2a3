"""A live resource for each control that has a runbook, made wrong in moto, and what works on it."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from tests.contract.aws import REGION, client

from iacfix.adapters.aws.automation import SsmRunbooks
from iacfix.adapters.aws.member import MemberRole, Members
from iacfix.adapters.aws.posture import AwsPosture, Reading
from iacfix.adapters.stores.kept import SqliteKept
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.controls import load_catalogue
from iacfix.domain.control import Control
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.triage import Mode
from iacfix.runtime.approvals import Asking
from iacfix.runtime.guards import Owned, Source
from iacfix.runtime.throttle import Throttle
from iacfix.testing.runbook_steps import Document
from iacfix.testing.ssm_server import AwsWithRunbooks
from iacfix.verification import every_operation
from iacfix.workflows.approving import Approving, Tell
from iacfix.workflows.moves import Moves
from iacfix.workflows.remediate import Ending, Remediator, Remedied, Rules, Verify
from iacfix.workflows.remediations import Approvals, Remediations
from iacfix.workflows.rollback import Rollback
from iacfix.workflows.runbooks import Following
from iacfix.workflows.verify import Verifier

ROOT = Path(__file__).resolve().parents[2]
RUNBOOKS = ROOT / "deploy" / "runbooks"
ACCOUNT = "123456789012"
ROLE = "arn:aws:iam::{account}:role/iacfix-remediation"
LOOKING = "arn:aws:iam::{account}:role/iacfix-verification"
CATALOGUE = load_catalogue()
_numbers = count(1)
WITH_RUNBOOK = {each.id: each for each in CATALOGUE if each.runtime is not None}


def documents() -> Mapping[str, Document]:
    return {path.stem: yaml.safe_load(path.read_text()) for path in sorted(RUNBOOKS.glob("*.yaml"))}


@dataclass
class Clock:
    """Sleeping is what makes time go on."""

    moment: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


@dataclass
class House:
    """One account before iacfix, and iacfix anew for each run."""

    aws: AwsWithRunbooks
    file: Path
    clock: Clock = field(default_factory=Clock)
    accounts: frozenset[str] = frozenset({ACCOUNT})
    external_id: str = "an-external-id"
    per_minute: int = 10
    verify: Verify | None = None
    deadline: timedelta = timedelta(minutes=40)
    as_role: bool = False  # a session for each finding costs more than all else

    @property
    def store(self) -> SqliteLedger:
        return SqliteLedger(self.file)

    @property
    def kept(self) -> SqliteKept:
        return SqliteKept(self.file)

    def __post_init__(self) -> None:
        accounts, read = (
            tuple(self.accounts),
            frozenset(
                (each.runtime.reads.service, each.runtime.reads.operation)
                for each in CATALOGUE
                if each.runtime is not None
            ),
        )
        start, look = (ROLE, LOOKING) if self.as_role else ("", "")
        self.members = Members(MemberRole(start, self.accounts, self.external_id))
        self.own = AwsPosture(Reading(read, start, self.external_id, accounts))
        self.other = AwsPosture(Reading(every_operation(), look, self.external_id, accounts))

    def rollback(self) -> Rollback:
        rules = Rules(self.accounts, ROLE, Asking("iacfix/test", "", timedelta(hours=4)))
        following = Following(SsmRunbooks(self.members), self.clock.sleep, self.clock, self.deadline)
        moves = Moves(self.store, "ann", self.clock)
        return Rollback(CATALOGUE, self.own.about, following, moves, Remediations(self.kept), rules)

    def approving(self, tell: Tell = lambda _: None) -> Approving:
        return Approving(Approvals(self.kept), Moves(self.store, "ann", self.clock), tell)

    def approved(self, found: Finding, **more: Any) -> Remedied:
        """Asked for, let through by somebody else, and done."""
        asked = self.remediated(found, **more)
        assert asked.ending is Ending.WAITING, asked.reason
        assert asked.approval is not None
        self.approving().answer(asked.approval.id, by="bob", approve=True)
        return self.remediated(found, **more)

    def remediated(
        self, found: Finding, mode: Mode = Mode.SUPERVISED, owned: Owned = Owned.BY_NOBODY, *, apply: bool = True
    ) -> Remedied:
        return self.remediator().remediate(found, source=Source(owned, "main.tf"), mode=mode, apply=apply)

    def remediator(self) -> Remediator:
        members = self.members
        still = Verifier(CATALOGUE, self.other.about, wait=0, now=self.clock, pause=self.clock.sleep)
        after = Verifier(CATALOGUE, self.other.about, wait=300, now=self.clock, pause=self.clock.sleep)
        return Remediator(
            CATALOGUE,
            self.own.about,
            still.verify,
            self.verify or after.verify,
            Following(SsmRunbooks(members), self.clock.sleep, self.clock, self.deadline),
            Moves(self.store, "iacfix/test", self.clock),
            Remediations(self.kept),
            Approvals(self.kept),
            Throttle(self.per_minute, self.clock),
            Rules(self.accounts, ROLE, Asking("iacfix/test", "policy 1", timedelta(hours=4))),
        )


def finding(control: Control, identifier: str, **more: Any) -> Finding:
    tool = next(each for each in ("security_hub", "config", "checkov", "trivy") if control.names.get(each))
    resource = CloudResource(
        type=control.resource_types[0] if control.resource_types else "",
        identifier=identifier,
        account=more.pop("account", ACCOUNT),
        region=more.pop("region", REGION),
        tags=more.pop("tags", ()),
    )
    return Finding(tool, f"finding-{control.id}", control.names[tool][0], control.title, resource, control.id, **more)


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def name(kind: str) -> str:
    return f"{kind}-{next(_numbers)}"


def bucket() -> str:
    made = name("logs")
    client("s3").create_bucket(Bucket=made, CreateBucketConfiguration={"LocationConstraint": REGION})
    return f"arn:aws:s3:::{made}"


def key() -> str:
    return str(client("kms").create_key()["KeyMetadata"]["Arn"])


def trail() -> str:
    logs = bucket().rpartition(":")[2]
    made = str(client("cloudtrail").create_trail(Name=name("audit"), S3BucketName=logs)["TrailARN"])
    client("cloudtrail").start_logging(Name=made)
    return made


def table() -> str:
    made = client("dynamodb").create_table(
        TableName=name("orders"),
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return str(made["TableDescription"]["TableArn"])


def registry() -> str:
    return str(client("ecr").create_repository(repositoryName=name("team/app"))["repository"]["repositoryArn"])


def database() -> str:
    made = client("rds").create_db_instance(
        DBInstanceIdentifier=name("orders"),
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        MasterUsername="someone",
        MasterUserPassword="not-a-secret-1",
        AllocatedStorage=20,
        PubliclyAccessible=True,
        BackupRetentionPeriod=0,
        AutoMinorVersionUpgrade=False,
        CopyTagsToSnapshot=False,
    )
    return str(made["DBInstance"]["DBInstanceArn"])


def cluster() -> str:
    made = client("rds").create_db_cluster(
        DBClusterIdentifier=name("orders"),
        Engine="aurora-postgresql",
        MasterUsername="someone",
        MasterUserPassword="not-a-secret-1",
    )
    return str(made["DBCluster"]["DBClusterArn"])


def queue() -> str:
    made = name("orders")
    client("sqs").create_queue(QueueName=made, Attributes={"SqsManagedSseEnabled": "false"})
    return arn("sqs", made)


def group(port: int) -> Callable[[], str]:
    def make() -> str:
        ec2 = client("ec2")
        identity = str(ec2.create_security_group(GroupName=name("group"), Description="a group")["GroupId"])
        everybody = {"IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all of it"}]}
        everybody_else = {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
        ours = {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        ports = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
        for sources in (everybody, everybody_else, ours):
            ec2.authorize_security_group_ingress(GroupId=identity, IpPermissions=[{**ports, **sources}])
        return arn("ec2", f"security-group/{identity}")

    return make


def subnet() -> str:
    ec2 = client("ec2")
    network = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    identity = str(ec2.create_subnet(VpcId=network, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"])
    ec2.modify_subnet_attribute(SubnetId=identity, MapPublicIpOnLaunch={"Value": True})
    return arn("ec2", f"subnet/{identity}")


def function() -> str:
    role = client("iam").create_role(RoleName=name("of-a-function"), AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): pass\n")
    made = client("lambda").create_function(
        FunctionName=name("orders"),
        Runtime="python3.12",
        Role=role,
        Handler="main.handler",
        Code={"ZipFile": code.getvalue()},
    )
    return str(made["FunctionArn"])


def balancer() -> str:
    ec2 = client("ec2")
    network = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=network, CidrBlock=f"10.2.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in enumerate("ab")
    ]
    made = client("elbv2").create_load_balancer(Name=name("orders"), Subnets=[each["SubnetId"] for each in subnets])
    found = str(made["LoadBalancers"][0]["LoadBalancerArn"])
    off = [{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "false"}]
    client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=found, Attributes=off)
    return found


def instance() -> str:
    made = client("ec2").run_instances(
        ImageId="ami-12c6146b",
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.micro",
        MetadataOptions={"HttpTokens": "optional"},
    )
    return arn("ec2", f"instance/{made['Instances'][0]['InstanceId']}")


def warehouse() -> str:
    made = name("orders")
    client("redshift").create_cluster(
        ClusterIdentifier=made,
        NodeType="ra3.large",
        MasterUsername="someone",
        MasterUserPassword="Not-a-secret-1",
        PubliclyAccessible=True,
    )
    return arn("redshift", f"cluster:{made}")


def stream() -> str:
    made = name("orders")
    client("kinesis").create_stream(StreamName=made, ShardCount=1)
    return arn("kinesis", f"stream/{made}")


WRONG: Mapping[str, Callable[[], str]] = {
    "s3-block-public-access": bucket,
    "s3-versioning": bucket,
    "kms-key-rotation": key,
    "cloudtrail-log-validation": trail,
    "cloudtrail-multi-region": trail,
    "dynamodb-point-in-time-recovery": table,
    "dynamodb-deletion-protection": table,
    "ebs-encryption-by-default": lambda: f"AWS::::Account:{ACCOUNT}",
    "ecr-scan-on-push": registry,
    "ecr-immutable-tags": registry,
    "rds-no-public-access": database,
    "rds-backup-retention": database,
    "rds-instance-deletion-protection": database,
    "rds-minor-upgrades": database,
    "rds-instance-copy-tags": database,
    "rds-instance-iam-authentication": database,
    "rds-cluster-deletion-protection": cluster,
    "rds-cluster-copy-tags": cluster,
    "sqs-encryption": queue,
    "sg-no-open-ssh": group(22),
    "sg-no-open-rdp": group(3389),
    "vpc-subnet-no-public-ip": subnet,
    "lambda-tracing": function,
    "elb-deletion-protection": balancer,
    "elb-drop-invalid-headers": balancer,
    "ec2-imdsv2": instance,
    "redshift-no-public-access": warehouse,
    "kinesis-encryption": stream,
}
