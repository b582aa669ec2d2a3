"""Kinds of resources: how an ARN, a name and a tool's type tell each."""

from typing import Final

from iacfix.verification.target import Kind

_NAME = r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,255}"
_RDS_NAME = r"[A-Za-z][A-Za-z0-9-]{0,62}"
_SNAPSHOT_NAME = r"(?:(?:rds|awsbackup):)?[A-Za-z][A-Za-z0-9-]{0,254}"


def _ec2(name: str, resource: str, prefix: str, types: str = "") -> Kind:
    identity = rf"(?P<id>{prefix}-[0-9a-f]{{8,17}})"
    return Kind(name, rf"ec2:{resource}/{identity}", identity, (types,), by_chance=True)


ACCOUNT: Final = Kind(
    "account",
    r"iam:root",
    r"(?:AWS::::Account:)?(?P<of_account>[0-9]{12})",
    ("AwsAccount",),
    regional=False,
)
REGION_OF_ACCOUNT: Final = Kind("region of an account", ACCOUNT.arn, ACCOUNT.plain, ACCOUNT.types)

INSTANCE = _ec2("EC2 instance", "instance", "i", "AwsEc2Instance")
INTERFACE = _ec2("network interface", "network-interface", "eni", "AwsEc2NetworkInterface")
LAUNCH_TEMPLATE = _ec2("launch template", "launch-template", "lt", "AwsEc2LaunchTemplate")
NETWORK_ACL = _ec2("network ACL", "network-acl", "acl", "AwsEc2NetworkAcl")
SECURITY_GROUP = _ec2("security group", "security-group", "sg", "AwsEc2SecurityGroup")
SUBNET = _ec2("subnet", "subnet", "subnet", "AwsEc2Subnet")
TRANSIT_GATEWAY = _ec2("transit gateway", "transit-gateway", "tgw", "AwsEc2TransitGateway")
VOLUME = _ec2("EBS volume", "volume", "vol", "AwsEc2Volume")
VPC = _ec2("VPC", "vpc", "vpc", "AwsEc2Vpc")

DB_INSTANCE = Kind("RDS instance", rf"rds:db:(?P<id>{_RDS_NAME})", rf"(?P<id>{_RDS_NAME})", ("AwsRdsDbInstance",))
DB_CLUSTER = Kind("RDS cluster", rf"rds:cluster:(?P<id>{_RDS_NAME})", rf"(?P<id>{_RDS_NAME})", ("AwsRdsDbCluster",))
DB_SNAPSHOT = Kind(
    "RDS snapshot", rf"rds:snapshot:(?P<id>{_SNAPSHOT_NAME})", rf"(?P<id>{_SNAPSHOT_NAME})", ("AwsRdsDbSnapshot",)
)
DB_CLUSTER_SNAPSHOT = Kind(
    "snapshot of an RDS cluster",
    rf"rds:cluster-snapshot:(?P<id>{_SNAPSHOT_NAME})",
    rf"(?P<id>{_SNAPSHOT_NAME})",
    ("AwsRdsDbClusterSnapshot",),
)
TABLE = Kind("DynamoDB table", rf"dynamodb:table/(?P<id>{_NAME})", rf"(?P<id>{_NAME})")
REDSHIFT = Kind("Redshift cluster", r"redshift:cluster:(?P<id>[a-z0-9-]{1,63})", r"(?P<id>[a-z0-9-]{1,63})")
DOMAIN = Kind("OpenSearch domain", r"es:domain/(?P<id>[a-z][a-z0-9-]{2,27})", r"(?P<id>[a-z][a-z0-9-]{2,27})")
REPLICATION_GROUP = Kind(
    "ElastiCache replication group",
    r"elasticache:replicationgroup:(?P<id>[A-Za-z][A-Za-z0-9-]{0,49})",
    r"(?P<id>[A-Za-z][A-Za-z0-9-]{0,49})",
    ("AwsElastiCacheReplicationGroup",),
)
CACHE_CLUSTER = Kind(
    "ElastiCache cluster",
    r"elasticache:cluster:(?P<id>[A-Za-z][A-Za-z0-9-]{0,49})",
    r"(?P<id>[A-Za-z][A-Za-z0-9-]{0,49})",
    ("AwsElastiCacheCacheCluster",),
)
DMS_INSTANCE = Kind("DMS instance", r"dms:rep:(?P<id>[A-Za-z0-9-]{1,64})")
FILE_SYSTEM = Kind(
    "EFS file system",
    r"elasticfilesystem:file-system/(?P<id>fs-[0-9a-f]{8,40})",
    r"(?P<id>fs-[0-9a-f]{8,40})",
    by_chance=True,
)
ACCESS_POINT = Kind(
    "EFS access point",
    r"elasticfilesystem:access-point/(?P<id>fsap-[0-9a-f]{8,40})",
    r"(?P<id>fsap-[0-9a-f]{8,40})",
    by_chance=True,
)

KEY = Kind("KMS key", r"kms:key/(?P<id>[A-Za-z0-9-]{8,64})", r"(?P<id>(?:mrk-)?[0-9a-f-]{32,40})", by_chance=True)
TRAIL = Kind("trail", rf"cloudtrail:trail/(?P<id>{_NAME})", rf"(?P<id>{_NAME})")
LOG_GROUP = Kind(
    "log group", r"logs:log-group:(?P<id>[A-Za-z0-9_./#-]{1,512}?)(?::\*)?", r"(?P<id>[A-Za-z0-9_./#-]{1,512})"
)
SECRET = Kind(
    "secret", r"secretsmanager:secret:(?P<id>[A-Za-z0-9/_+=.@-]{1,512})", r"(?P<id>[A-Za-z0-9/_+=.@-]{1,512})"
)
DETECTOR = Kind(
    "GuardDuty detector", r"guardduty:detector/(?P<id>[0-9a-f]{32})", r"(?P<id>[0-9a-f]{32})", by_chance=True
)
_PATH = r"(?:[!-~]{0,500}/)?"
_IAM_NAME = r"[A-Za-z0-9_+=,.@-]{1,128}"
USER = Kind(
    "IAM user", rf"iam:user/{_PATH}(?P<id>{_IAM_NAME})", rf"(?P<id>{_IAM_NAME})", ("AwsIamUser",), regional=False
)
ROLE = Kind(
    "IAM role", rf"iam:role/{_PATH}(?P<id>{_IAM_NAME})", rf"(?P<id>{_IAM_NAME})", ("AwsIamRole",), regional=False
)
GROUP = Kind(
    "IAM group", rf"iam:group/{_PATH}(?P<id>{_IAM_NAME})", rf"(?P<id>{_IAM_NAME})", ("AwsIamGroup",), regional=False
)
POLICY = Kind("IAM policy", rf"iam:policy/{_PATH}(?P<id>{_IAM_NAME})", regional=False)

BUCKET = Kind(
    "S3 bucket",
    r"s3:(?P<id>[A-Za-z0-9][A-Za-z0-9._-]{1,254})",
    r"(?P<id>[A-Za-z0-9][A-Za-z0-9._-]{1,254})",
    ("AwsS3Bucket",),
    regional=False,
    one_world=True,
)
FUNCTION = Kind(
    "Lambda function",
    r"lambda:function:(?P<id>[A-Za-z0-9_-]{1,140})(?::\$LATEST)?",  # versions and aliases have their own of everything
    r"(?P<id>[A-Za-z0-9_-]{1,140})",
)
QUEUE = Kind("queue", r"sqs:(?P<id>[A-Za-z0-9_-]{1,80}(?:\.fifo)?)", r"(?P<id>[A-Za-z0-9_-]{1,80}(?:\.fifo)?)")
TOPIC = Kind("topic", r"sns:(?P<id>[A-Za-z0-9_-]{1,256}(?:\.fifo)?)")
STREAM = Kind("Kinesis stream", rf"kinesis:stream/(?P<id>{_NAME})", rf"(?P<id>{_NAME})")
DELIVERY_STREAM = Kind("Firehose stream", rf"firehose:deliverystream/(?P<id>{_NAME})", rf"(?P<id>{_NAME})")
REPOSITORY = Kind("ECR repository", r"ecr:repository/(?P<id>[a-z0-9._/-]{2,256})", r"(?P<id>[a-z0-9._/-]{2,256})")
EKS_CLUSTER = Kind("EKS cluster", r"eks:cluster/(?P<id>[A-Za-z0-9_-]{1,100})", r"(?P<id>[A-Za-z0-9_-]{1,100})")
ECS_CLUSTER = Kind("ECS cluster", r"ecs:cluster/(?P<id>[A-Za-z0-9_-]{1,255})", r"(?P<id>[A-Za-z0-9_-]{1,255})")
DISTRIBUTION = Kind(
    "CloudFront distribution",
    r"cloudfront:distribution/(?P<id>[A-Z0-9]{10,20})",
    r"(?P<id>[A-Z0-9]{10,20})",
    regional=False,
    by_chance=True,
)
LOAD_BALANCER = Kind(
    "load balancer",
    r"elasticloadbalancing:loadbalancer/(?:app|net|gwy)/(?P<id>[A-Za-z0-9-]{1,32})/[0-9a-f]{1,32}",
    types=("AwsElbv2LoadBalancer",),
)
CLASSIC_BALANCER = Kind(
    "classic load balancer",
    r"elasticloadbalancing:loadbalancer/(?P<id>[A-Za-z0-9-]{1,32})",
    r"(?P<id>[A-Za-z0-9-]{1,32})",
    ("AwsElbLoadBalancer",),
)
LISTENER = Kind(
    "listener of a load balancer",
    r"elasticloadbalancing:listener/(?:app|net|gwy)/(?P<id>[A-Za-z0-9-]{1,32})/[0-9a-f]{1,32}/[0-9a-f]{1,32}",
)
REST_STAGE = Kind(
    "stage of a REST API",
    r"apigateway:/restapis/(?P<api>[a-z0-9]{1,32})/stages/(?P<id>[A-Za-z0-9_-]{1,128})",
    by_chance=True,
)
STATE_MACHINE = Kind("state machine", r"states:stateMachine:(?P<id>[!-~]{1,80})")
BUILD_PROJECT = Kind("CodeBuild project", rf"codebuild:project/(?P<id>{_NAME})", rf"(?P<id>{_NAME})")
SCALING_GROUP = Kind(
    "Auto Scaling group", r"autoscaling:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName/(?P<id>[ -~]{1,255})"
)
BROKER = Kind(
    "MQ broker",
    r"mq:broker:[A-Za-z0-9_-]{1,50}:(?P<id>b-[0-9a-f-]{36})",
    r"(?P<id>b-[0-9a-f-]{36})",
    by_chance=True,
)
MSK_CLUSTER = Kind("MSK cluster", r"kafka:cluster/[A-Za-z0-9-]{1,64}/(?P<id>[0-9a-f-]{36}-[0-9]{1,4})")
