"""How each kind of resource is described: one call, and where in its answer the resource stands."""

from iacfix.verification.check import Source
from iacfix.verification.checks.kinds import (
    ACCESS_POINT,
    BROKER,
    BUILD_PROJECT,
    CACHE_CLUSTER,
    CLASSIC_BALANCER,
    DB_CLUSTER,
    DB_CLUSTER_SNAPSHOT,
    DB_INSTANCE,
    DB_SNAPSHOT,
    DELIVERY_STREAM,
    DISTRIBUTION,
    DMS_INSTANCE,
    DOMAIN,
    ECS_CLUSTER,
    EKS_CLUSTER,
    FILE_SYSTEM,
    FUNCTION,
    INSTANCE,
    INTERFACE,
    KEY,
    LISTENER,
    LOAD_BALANCER,
    LOG_GROUP,
    MSK_CLUSTER,
    NETWORK_ACL,
    REDSHIFT,
    REPLICATION_GROUP,
    REPOSITORY,
    REST_STAGE,
    SCALING_GROUP,
    SECRET,
    SECURITY_GROUP,
    STATE_MACHINE,
    STREAM,
    SUBNET,
    TABLE,
    TOPIC,
    TRAIL,
    TRANSIT_GATEWAY,
    VOLUME,
    VPC,
)

OF_INSTANCE = Source(
    INSTANCE,
    "ec2",
    "DescribeInstances",
    {"InstanceIds": ["{id}"]},
    "Reservations.Instances",
    "InstanceId",
    ended=("State.Name", frozenset({"terminated"})),
)
OF_VOLUME = Source(VOLUME, "ec2", "DescribeVolumes", {"VolumeIds": ["{id}"]}, "Volumes", "VolumeId")
OF_SUBNET = Source(SUBNET, "ec2", "DescribeSubnets", {"SubnetIds": ["{id}"]}, "Subnets", "SubnetId")
OF_INTERFACE = Source(
    INTERFACE,
    "ec2",
    "DescribeNetworkInterfaces",
    {"NetworkInterfaceIds": ["{id}"]},
    "NetworkInterfaces",
    "NetworkInterfaceId",
)
OF_SECURITY_GROUP = Source(
    SECURITY_GROUP, "ec2", "DescribeSecurityGroups", {"GroupIds": ["{id}"]}, "SecurityGroups", "GroupId"
)
OF_NETWORK_ACL = Source(
    NETWORK_ACL, "ec2", "DescribeNetworkAcls", {"NetworkAclIds": ["{id}"]}, "NetworkAcls", "NetworkAclId"
)
OF_VPC = Source(VPC, "ec2", "DescribeVpcs", {"VpcIds": ["{id}"]}, "Vpcs", "VpcId")
OF_TRANSIT_GATEWAY = Source(
    TRANSIT_GATEWAY,
    "ec2",
    "DescribeTransitGateways",
    {"TransitGatewayIds": ["{id}"]},
    "TransitGateways",
    "TransitGatewayId",
    ended=("State", frozenset({"deleted"})),
)
OF_DB_INSTANCE = Source(
    DB_INSTANCE,
    "rds",
    "DescribeDBInstances",
    {"DBInstanceIdentifier": "{id}"},
    "DBInstances",
    "DBInstanceIdentifier",
)
OF_DB_CLUSTER = Source(
    DB_CLUSTER,
    "rds",
    "DescribeDBClusters",
    {"DBClusterIdentifier": "{id}"},
    "DBClusters",
    "DBClusterIdentifier",
)
OF_DB_SNAPSHOT = Source(
    DB_SNAPSHOT,
    "rds",
    "DescribeDBSnapshots",
    {"DBSnapshotIdentifier": "{id}"},
    "DBSnapshots",
    "DBSnapshotIdentifier",
)
OF_DB_CLUSTER_SNAPSHOT = Source(
    DB_CLUSTER_SNAPSHOT,
    "rds",
    "DescribeDBClusterSnapshots",
    {"DBClusterSnapshotIdentifier": "{id}"},
    "DBClusterSnapshots",
    "DBClusterSnapshotIdentifier",
)
OF_TABLE = Source(TABLE, "dynamodb", "DescribeTable", {"TableName": "{id}"}, "Table", "TableName")
OF_REDSHIFT = Source(
    REDSHIFT, "redshift", "DescribeClusters", {"ClusterIdentifier": "{id}"}, "Clusters", "ClusterIdentifier"
)
OF_DOMAIN = Source(
    DOMAIN,
    "opensearch",
    "DescribeDomain",
    {"DomainName": "{id}"},
    "DomainStatus",
    "DomainName",
)
OF_REPLICATION_GROUP = Source(
    REPLICATION_GROUP,
    "elasticache",
    "DescribeReplicationGroups",
    {"ReplicationGroupId": "{id}"},
    "ReplicationGroups",
    "ReplicationGroupId",
)
OF_CACHE_CLUSTER = Source(
    CACHE_CLUSTER,
    "elasticache",
    "DescribeCacheClusters",
    {"CacheClusterId": "{id}"},
    "CacheClusters",
    "CacheClusterId",
)
OF_DMS_INSTANCE = Source(
    DMS_INSTANCE,
    "dms",
    "DescribeReplicationInstances",
    {"Filters": [{"Name": "replication-instance-arn", "Values": ["{arn}"]}]},
    "ReplicationInstances",
    "ReplicationInstanceArn",
    same="arn",
)
OF_FILE_SYSTEM = Source(
    FILE_SYSTEM, "efs", "DescribeFileSystems", {"FileSystemId": "{id}"}, "FileSystems", "FileSystemId"
)
OF_ACCESS_POINT = Source(
    ACCESS_POINT, "efs", "DescribeAccessPoints", {"AccessPointId": "{id}"}, "AccessPoints", "AccessPointId"
)
OF_KEY = Source(KEY, "kms", "DescribeKey", {"KeyId": "{id}"}, "KeyMetadata", "KeyId")
OF_TRAIL = Source(TRAIL, "cloudtrail", "GetTrail", {"Name": "{id}"}, "Trail", "Name")
OF_LOG_GROUP = Source(
    LOG_GROUP,
    "logs",
    "DescribeLogGroups",
    {"logGroupNamePrefix": "{id}"},
    "logGroups",
    "logGroupName",
    lists=True,
    token=("nextToken", "nextToken"),
)
OF_SECRET = Source(SECRET, "secretsmanager", "DescribeSecret", {"SecretId": "{arn}"}, identity="ARN", same="arn")
OF_FUNCTION = Source(FUNCTION, "lambda", "GetFunctionConfiguration", {"FunctionName": "{id}"}, identity="FunctionName")
OF_TOPIC = Source(TOPIC, "sns", "GetTopicAttributes", {"TopicArn": "{arn}"}, "Attributes", "TopicArn", same="arn")
OF_STREAM = Source(
    STREAM, "kinesis", "DescribeStreamSummary", {"StreamName": "{id}"}, "StreamDescriptionSummary", "StreamName"
)
OF_DELIVERY_STREAM = Source(
    DELIVERY_STREAM,
    "firehose",
    "DescribeDeliveryStream",
    {"DeliveryStreamName": "{id}"},
    "DeliveryStreamDescription",
    "DeliveryStreamName",
)
OF_REPOSITORY = Source(
    REPOSITORY, "ecr", "DescribeRepositories", {"repositoryNames": ["{id}"]}, "repositories", "repositoryName"
)
OF_EKS_CLUSTER = Source(EKS_CLUSTER, "eks", "DescribeCluster", {"name": "{id}"}, "cluster", "name")
OF_ECS_CLUSTER = Source(
    ECS_CLUSTER,
    "ecs",
    "DescribeClusters",
    {"clusters": ["{id}"], "include": ["SETTINGS", "CONFIGURATIONS"]},
    "clusters",
    "clusterName",
    missing="failures",
    ended=("status", frozenset({"INACTIVE"})),
)
OF_DISTRIBUTION = Source(DISTRIBUTION, "cloudfront", "GetDistributionConfig", {"Id": "{id}"}, "DistributionConfig")
OF_LOAD_BALANCER = Source(
    LOAD_BALANCER,
    "elbv2",
    "DescribeLoadBalancers",
    {"LoadBalancerArns": ["{arn}"]},
    "LoadBalancers",
    "LoadBalancerArn",
    same="arn",
)
ATTRIBUTES_OF_BALANCER = Source(LOAD_BALANCER, "elbv2", "DescribeLoadBalancerAttributes", {"LoadBalancerArn": "{arn}"})
OF_CLASSIC_BALANCER = Source(
    CLASSIC_BALANCER,
    "elb",
    "DescribeLoadBalancers",
    {"LoadBalancerNames": ["{id}"]},
    "LoadBalancerDescriptions",
    "LoadBalancerName",
)
ATTRIBUTES_OF_CLASSIC = Source(
    CLASSIC_BALANCER,
    "elb",
    "DescribeLoadBalancerAttributes",
    {"LoadBalancerName": "{id}"},
    "LoadBalancerAttributes",
    first=OF_CLASSIC_BALANCER,
)
OF_LISTENER = Source(
    LISTENER, "elbv2", "DescribeListeners", {"ListenerArns": ["{arn}"]}, "Listeners", "ListenerArn", same="arn"
)
OF_REST_STAGE = Source(
    REST_STAGE, "apigateway", "GetStage", {"restApiId": "{api}", "stageName": "{id}"}, identity="stageName"
)
OF_STATE_MACHINE = Source(
    STATE_MACHINE,
    "stepfunctions",
    "DescribeStateMachine",
    {"stateMachineArn": "{arn}"},
    identity="stateMachineArn",
    same="arn",
)
OF_BUILD_PROJECT = Source(
    BUILD_PROJECT, "codebuild", "BatchGetProjects", {"names": ["{id}"]}, "projects", "name", missing="projectsNotFound"
)
OF_SCALING_GROUP = Source(
    SCALING_GROUP,
    "autoscaling",
    "DescribeAutoScalingGroups",
    {},
    "AutoScalingGroups",
    "AutoScalingGroupName",
    lists=True,
)
OF_BROKER = Source(BROKER, "mq", "DescribeBroker", {"BrokerId": "{id}"}, identity="BrokerId")
OF_MSK_CLUSTER = Source(
    MSK_CLUSTER, "kafka", "DescribeClusterV2", {"ClusterArn": "{arn}"}, "ClusterInfo", "ClusterArn", same="arn"
)
