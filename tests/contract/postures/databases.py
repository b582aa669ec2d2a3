from typing import Any

from tests.contract.postures.tools import UNTOLD, Made, Posture, arn, client, key, subnets


def _instances() -> Made:
    wrong = {
        "StorageEncrypted": False,
        "PubliclyAccessible": True,
        "BackupRetentionPeriod": 1,
        "MultiAZ": False,
        "DeletionProtection": False,
        "AutoMinorVersionUpgrade": False,
        "EnableIAMDatabaseAuthentication": False,
        "CopyTagsToSnapshot": False,
    }
    right: dict[str, Any] = {name: not value for name, value in wrong.items() if isinstance(value, bool)}
    right |= {
        "BackupRetentionPeriod": 14,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": "arn:aws:iam::123456789012:role/watches",
        "EnableCloudwatchLogsExports": ["audit", "error", "general", "slowquery"],
        "KmsKeyId": key(),
    }
    for name, settings in (("wrong", wrong), ("right", right)):
        client("rds").create_db_instance(
            DBInstanceIdentifier=name,
            Engine="mysql",
            DBInstanceClass="db.m5.large",
            AllocatedStorage=20,
            MasterUsername="root",
            MasterUserPassword="hunter2hunter2",
            **settings,
        )
    return Made(arn("rds", "db:wrong"), arn("rds", "db:right"), arn("rds", "db:nothing"))


def _clusters() -> Made:
    wrong: dict[str, Any] = {"StorageEncrypted": False, "BackupRetentionPeriod": 1, "DeletionProtection": False}
    right: dict[str, Any] = {
        "StorageEncrypted": True,
        "BackupRetentionPeriod": 7,
        "DeletionProtection": True,
        "CopyTagsToSnapshot": True,
        "EnableIAMDatabaseAuthentication": True,
        "EnableCloudwatchLogsExports": ["audit", "error", "general", "slowquery"],
        "KmsKeyId": key(),
    }
    for name, settings in (("wrong", wrong), ("right", right)):
        client("rds").create_db_cluster(
            DBClusterIdentifier=name,
            Engine="aurora-mysql",
            MasterUsername="root",
            MasterUserPassword="hunter2hunter2",
            **settings,
        )
    return Made(arn("rds", "cluster:wrong"), arn("rds", "cluster:right"), arn("rds", "cluster:nothing"))


def _snapshots() -> Made:
    _instances_once()
    for name in ("wrong", "right"):
        client("rds").create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-copy")
    client("rds").modify_db_snapshot_attribute(
        DBSnapshotIdentifier="wrong-copy", AttributeName="restore", ValuesToAdd=["all"]
    )
    # AWS tells the attribute of a snapshot that is shared with nobody too, with no values; moto does when it was set.
    for verb in ("ValuesToAdd", "ValuesToRemove"):
        client("rds").modify_db_snapshot_attribute(
            DBSnapshotIdentifier="right-copy", AttributeName="restore", **{verb: ["210987654321"]}
        )
    return Made(arn("rds", "snapshot:wrong-copy"), arn("rds", "snapshot:right-copy"), arn("rds", "snapshot:nothing"))


def _instances_once() -> None:
    """Made already, where the other posture was made before."""
    if not client("rds").describe_db_instances()["DBInstances"]:
        _instances()


def _tables() -> Made:
    for name, settings in (("wrong", {}), ("right", {"DeletionProtectionEnabled": True})):
        encrypted = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key()}}
        client("dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            **settings,
            **(encrypted if settings else {}),
        )
    client("dynamodb").update_continuous_backups(
        TableName="right", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    return Made(arn("dynamodb", "table/wrong"), arn("dynamodb", "table/right"), arn("dynamodb", "table/nothing"))


def _redshift() -> Made:
    wrong: dict[str, Any] = {"Encrypted": False, "PubliclyAccessible": True, "AutomatedSnapshotRetentionPeriod": 1}
    right: dict[str, Any] = {"Encrypted": True, "PubliclyAccessible": False, "AutomatedSnapshotRetentionPeriod": 7}
    right |= {"AllowVersionUpgrade": True, "EnhancedVpcRouting": True, "KmsKeyId": key()}
    for name, settings in (("wrong", wrong | {"AllowVersionUpgrade": False}), ("right", right)):
        client("redshift").create_cluster(
            ClusterIdentifier=name,
            NodeType="ra3.large",
            MasterUsername="root",
            MasterUserPassword="Hunter2hunter2",
            **settings,
        )
    return Made(arn("redshift", "cluster:wrong"), arn("redshift", "cluster:right"), arn("redshift", "cluster:nothing"))


def _domains() -> Made:
    vpc, (subnet, _) = subnets()
    assert vpc
    log = {"CloudWatchLogsLogGroupArn": arn("logs", "log-group:search"), "Enabled": True}
    right: dict[str, Any] = {
        "EncryptionAtRestOptions": {"Enabled": True, "KmsKeyId": key()},
        "NodeToNodeEncryptionOptions": {"Enabled": True},
        "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"},
        "AdvancedSecurityOptions": {"Enabled": True},
        "VPCOptions": {"SubnetIds": [subnet]},
        "LogPublishingOptions": {"ES_APPLICATION_LOGS": log, "AUDIT_LOGS": log},
        "ClusterConfig": {
            "InstanceCount": 3,
            "ZoneAwarenessEnabled": True,
            "DedicatedMasterEnabled": True,
            "DedicatedMasterCount": 3,
        },
    }
    client("opensearch").create_domain(DomainName="wrong")
    client("opensearch").create_domain(DomainName="right", **right)
    return Made(arn("es", "domain/wrong"), arn("es", "domain/right"), arn("es", "domain/nothing"))


def _caches() -> Made:
    right: dict[str, Any] = {
        "AtRestEncryptionEnabled": True,
        "TransitEncryptionEnabled": True,
        "AuthToken": "a-long-enough-password",
        "AutomaticFailoverEnabled": True,
        "SnapshotRetentionLimit": 7,
        "AutoMinorVersionUpgrade": True,
        "KmsKeyId": key(),
        "NumCacheClusters": 2,
    }
    for name, settings in (("wrong", {"NumCacheClusters": 1}), ("right", right)):
        client("elasticache").create_replication_group(
            ReplicationGroupId=name, ReplicationGroupDescription=name, Engine="redis", **settings
        )
    return Made(
        arn("elasticache", "replicationgroup:wrong"),
        arn("elasticache", "replicationgroup:right"),
        arn("elasticache", "replicationgroup:nothing"),
    )


def _replications() -> Made:
    made = []
    for name, good in (("wrong", False), ("right", True)):
        answer = client("dms").create_replication_instance(
            ReplicationInstanceIdentifier=name,
            ReplicationInstanceClass="dms.t3.micro",
            PubliclyAccessible=not good,
            AutoMinorVersionUpgrade=good,
            MultiAZ=good,
        )
        made.append(answer["ReplicationInstance"]["ReplicationInstanceArn"])
    return Made(made[0], made[1], UNTOLD)


POSTURES = (
    Posture(
        _instances,
        (
            *("rds-storage-encryption", "rds-no-public-access", "rds-backup-retention", "rds-multi-az"),
            *("rds-instance-deletion-protection", "rds-minor-upgrades", "rds-instance-iam-authentication"),
            *("rds-instance-copy-tags", "rds-enhanced-monitoring"),
            *("rds-instance-log-exports", "neptune-no-public-access"),
        ),
    ),
    Posture(
        _clusters,
        (
            *("rds-cluster-deletion-protection", "rds-cluster-iam-authentication", "rds-cluster-copy-tags"),
            *("rds-cluster-log-exports", "rds-cluster-customer-key", "neptune-storage-encryption"),
            *("documentdb-backup-retention",),
        ),
    ),
    Posture(_snapshots, ("rds-snapshot-encryption", "rds-snapshot-not-public")),
    Posture(_tables, ("dynamodb-deletion-protection", "dynamodb-point-in-time-recovery", "dynamodb-customer-key")),
    Posture(
        _redshift,
        (
            *("redshift-storage-encryption", "redshift-no-public-access", "redshift-snapshots"),
            *("redshift-version-upgrade", "redshift-vpc-routing", "redshift-customer-key"),
        ),
    ),
    Posture(
        _domains,
        (
            *("opensearch-at-rest-encryption", "opensearch-node-to-node-encryption", "opensearch-https"),
            *("opensearch-tls-policy", "opensearch-fine-grained-access", "opensearch-vpc", "opensearch-logging"),
            *("opensearch-audit-logging", "opensearch-data-nodes", "opensearch-dedicated-masters"),
            *("opensearch-customer-key",),
        ),
    ),
    Posture(
        _caches,
        (
            *("elasticache-at-rest-encryption", "elasticache-transit-encryption", "elasticache-automatic-failover"),
            *("elasticache-backup", "elasticache-minor-upgrades", "elasticache-auth", "elasticache-customer-key"),
        ),
    ),
    Posture(_replications, ("dms-no-public-access", "dms-minor-upgrades", "dms-multi-az")),
)
