"""What a service answers of a resource that is not there. A denial is never among them: it says nothing of what is."""

from collections.abc import Mapping
from typing import Final

GONE: Final[Mapping[str, frozenset[str]]] = {
    service: frozenset(codes)
    for service, codes in {
        "apigateway": ("NotFoundException",),
        "cloudfront": ("NoSuchDistribution",),
        "cloudtrail": ("TrailNotFoundException",),
        "dms": ("ResourceNotFoundFault",),
        "dynamodb": ("ResourceNotFoundException", "TableNotFoundException"),
        "ec2": (
            "InvalidGroup.NotFound",
            "InvalidInstanceID.NotFound",
            "InvalidLaunchTemplateId.NotFound",
            "InvalidLaunchTemplateId.NotFoundException",
            "InvalidNetworkAclID.NotFound",
            "InvalidNetworkInterfaceID.NotFound",
            "InvalidSubnetID.NotFound",
            "InvalidTransitGatewayID.NotFound",
            "InvalidVolume.NotFound",
            "InvalidVpcID.NotFound",
        ),
        "ecr": ("RepositoryNotFoundException",),
        "efs": ("AccessPointNotFound", "FileSystemNotFound"),
        "eks": ("ResourceNotFoundException",),
        "elasticache": ("CacheClusterNotFound", "ReplicationGroupNotFoundFault"),
        "elb": ("LoadBalancerNotFound",),
        "elbv2": ("ListenerNotFound", "LoadBalancerNotFound"),
        "firehose": ("ResourceNotFoundException",),
        "iam": ("NoSuchEntity",),
        "kafka": ("NotFoundException",),
        "kinesis": ("ResourceNotFoundException",),
        "kms": ("NotFoundException",),
        "lambda": ("ResourceNotFoundException",),
        "mq": ("NotFoundException",),
        "opensearch": ("ResourceNotFoundException",),
        "rds": (
            "DBClusterNotFoundFault",
            "DBClusterSnapshotNotFoundFault",
            "DBInstanceNotFound",
            "DBSnapshotNotFound",
        ),
        "redshift": ("ClusterNotFound",),
        "s3": ("NoSuchBucket",),
        "secretsmanager": ("ResourceNotFoundException",),
        "sns": ("NotFound", "NotFoundException"),
        "sqs": ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
        "stepfunctions": ("StateMachineDoesNotExist",),
    }.items()
}
