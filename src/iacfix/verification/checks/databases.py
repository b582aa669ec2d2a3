"""Checks of databases, caches and search."""

from collections.abc import Mapping
from typing import Final

from iacfix.verification.answers import AnyOf, Between, Filled, Has, Hold, Is, Judged, Node, OneOf, at, listed, shown
from iacfix.verification.asking import Ask
from iacfix.verification.check import Check, Seen, Source, alike, customer_key, described
from iacfix.verification.checks.kinds import (
    DB_CLUSTER_SNAPSHOT,
    DB_SNAPSHOT,
    REDSHIFT,
    TABLE,
)
from iacfix.verification.checks.sources import (
    OF_CACHE_CLUSTER,
    OF_DB_CLUSTER,
    OF_DB_CLUSTER_SNAPSHOT,
    OF_DB_INSTANCE,
    OF_DB_SNAPSHOT,
    OF_DMS_INSTANCE,
    OF_DOMAIN,
    OF_REDSHIFT,
    OF_REPLICATION_GROUP,
    OF_TABLE,
)
from iacfix.verification.target import UnclearError

LEAST_DAYS: Final = 7
_MYSQL, _POSTGRES = ("audit", "error", "general", "slowquery"), ("postgresql", "upgrade")
_LOGS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("mysql", "mariadb", "aurora", "aurora-mysql"), _MYSQL),
    "postgres": _POSTGRES,
    "aurora-postgresql": ("postgresql",),
    **dict.fromkeys(("sqlserver-ee", "sqlserver-se", "sqlserver-ex", "sqlserver-web"), ("error",)),
    **dict.fromkeys(
        ("oracle-ee", "oracle-ee-cdb", "oracle-se2", "oracle-se2-cdb"), ("alert", "audit", "listener", "trace")
    ),
    "docdb": ("audit", "profiler"),
    "neptune": ("audit",),
}
_BOTH = (OF_DB_INSTANCE, OF_DB_CLUSTER)
_SNAPSHOTS: Mapping[str, tuple[str, str, str]] = {
    DB_SNAPSHOT.name: ("DescribeDBSnapshotAttributes", "DBSnapshotIdentifier", "DBSnapshotAttributesResult"),
    DB_CLUSTER_SNAPSHOT.name: (
        "DescribeDBClusterSnapshotAttributes",
        "DBClusterSnapshotIdentifier",
        "DBClusterSnapshotAttributesResult",
    ),
}


def _log_exports(item: Node) -> str:
    engine = at(item, "Engine")
    wanted = _LOGS.get(engine) if isinstance(engine, str) else None
    if wanted is None:
        raise UnclearError(f"which logs the engine {shown(engine)} has is not known here")
    return Has("EnabledCloudwatchLogsExports", wanted).wrong(item)


_EXPORTS = Judged("EnabledCloudwatchLogsExports has every log of the engine", _log_exports)


def _snapshot_is_private(ask: Ask) -> Seen:
    operation, name, result = _SNAPSHOTS[ask.target.kind.name]
    answer = ask.must("rds", operation, {name: "{id}"})
    attributes = listed(answer, f"{result}.{result.removesuffix('Result')}")
    restoring = [each for each in attributes if at(each, "AttributeName") == "restore"]
    if len(restoring) != 1:
        raise UnclearError("the answer does not say who may restore the snapshot")
    accounts = at(restoring[0], "AttributeValues")
    if not isinstance(accounts, list):
        raise UnclearError("the answer does not say who may restore the snapshot")
    return Seen(not accounts, f"the snapshot is shared with {', '.join(map(shown, accounts)) or 'nobody'}")


def _any_snapshot(name: str) -> Check:
    return Check(
        name,
        "the snapshot's attribute restore names no account, and not `all`",
        (DB_SNAPSHOT, DB_CLUSTER_SNAPSHOT),
        frozenset(("rds", operation) for operation, _, _ in _SNAPSHOTS.values()),
        _snapshot_is_private,
    )


def _flag(name: str, path: str, *sources: Source) -> Check:
    return alike(name, sources, Is(path, value=True))


_RECOVERY = Source(
    TABLE, "dynamodb", "DescribeContinuousBackups", {"TableName": "{id}"}, "ContinuousBackupsDescription"
)
_LOGGING = Source(REDSHIFT, "redshift", "DescribeLoggingStatus", {"ClusterIdentifier": "{id}"})
_CACHES = (OF_REPLICATION_GROUP, OF_CACHE_CLUSTER)


def _published(log: str) -> tuple[Hold, ...]:
    path = f"LogPublishingOptions.{log}"
    return Is(f"{path}.Enabled", value=True), Filled(f"{path}.CloudWatchLogsLogGroupArn")


CHECKS: Final = (
    described(
        "rds_storage_encryption",
        (OF_DB_INSTANCE, (Is("StorageEncrypted", value=True),)),
        (OF_DB_CLUSTER, (Is("StorageEncrypted", value=True),)),
    ),
    alike("rds_public_access", [OF_DB_INSTANCE], Is("PubliclyAccessible", value=False)),
    alike("rds_backup_retention", _BOTH, Between("BackupRetentionPeriod", LEAST_DAYS)),
    _flag("rds_multi_az", "MultiAZ", *_BOTH),
    _flag("rds_deletion_protection", "DeletionProtection", *_BOTH),
    _flag("rds_minor_upgrades", "AutoMinorVersionUpgrade", *_BOTH),
    _flag("rds_iam_authentication", "IAMDatabaseAuthenticationEnabled", *_BOTH),
    _flag("rds_copy_tags", "CopyTagsToSnapshot", *_BOTH),
    _flag("rds_performance_insights", "PerformanceInsightsEnabled", OF_DB_INSTANCE),
    alike("rds_enhanced_monitoring", [OF_DB_INSTANCE], OneOf("MonitoringInterval", (1, 5, 10, 15, 30, 60))),
    alike("rds_log_exports", _BOTH, _EXPORTS),
    customer_key("rds_customer_key", (OF_DB_INSTANCE, "KmsKeyId"), (OF_DB_CLUSTER, "KmsKeyId")),
    described(
        "rds_snapshot_encryption",
        (OF_DB_SNAPSHOT, (Is("Encrypted", value=True),)),
        (OF_DB_CLUSTER_SNAPSHOT, (Is("StorageEncrypted", value=True),)),
    ),
    _any_snapshot("rds_snapshot_private"),
    alike(
        "dynamodb_point_in_time_recovery",
        [_RECOVERY],
        Is("PointInTimeRecoveryDescription.PointInTimeRecoveryStatus", "ENABLED"),
    ),
    _flag("dynamodb_deletion_protection", "DeletionProtectionEnabled", OF_TABLE),
    customer_key("dynamodb_customer_key", (OF_TABLE, "SSEDescription.KMSMasterKeyArn")),
    _flag("redshift_storage_encryption", "Encrypted", OF_REDSHIFT),
    alike("redshift_public_access", [OF_REDSHIFT], Is("PubliclyAccessible", value=False)),
    alike("redshift_snapshots", [OF_REDSHIFT], Between("AutomatedSnapshotRetentionPeriod", LEAST_DAYS)),
    _flag("redshift_version_upgrade", "AllowVersionUpgrade", OF_REDSHIFT),
    _flag("redshift_vpc_routing", "EnhancedVpcRouting", OF_REDSHIFT),
    _flag("redshift_audit_logging", "LoggingEnabled", _LOGGING),
    customer_key("redshift_customer_key", (OF_REDSHIFT, "KmsKeyId")),
    _flag("opensearch_at_rest_encryption", "EncryptionAtRestOptions.Enabled", OF_DOMAIN),
    _flag("opensearch_node_to_node_encryption", "NodeToNodeEncryptionOptions.Enabled", OF_DOMAIN),
    _flag("opensearch_https", "DomainEndpointOptions.EnforceHTTPS", OF_DOMAIN),
    alike(
        "opensearch_tls_policy",
        [OF_DOMAIN],
        Is("DomainEndpointOptions.EnforceHTTPS", value=True),
        OneOf(
            "DomainEndpointOptions.TLSSecurityPolicy",
            ("Policy-Min-TLS-1-2-PFS-2023-10", "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08"),
        ),
    ),
    _flag("opensearch_fine_grained_access", "AdvancedSecurityOptions.Enabled", OF_DOMAIN),
    alike("opensearch_vpc", [OF_DOMAIN], Filled("VPCOptions.SubnetIds")),
    alike("opensearch_logging", [OF_DOMAIN], *_published("ES_APPLICATION_LOGS")),
    alike("opensearch_audit_logging", [OF_DOMAIN], *_published("AUDIT_LOGS")),
    alike(
        "opensearch_data_nodes",
        [OF_DOMAIN],
        Between("ClusterConfig.InstanceCount", 3),
        Is("ClusterConfig.ZoneAwarenessEnabled", value=True),
    ),
    alike(
        "opensearch_dedicated_masters",
        [OF_DOMAIN],
        Is("ClusterConfig.DedicatedMasterEnabled", value=True),
        Between("ClusterConfig.DedicatedMasterCount", 3),
    ),
    customer_key("opensearch_customer_key", (OF_DOMAIN, "EncryptionAtRestOptions.KmsKeyId")),
    _flag("elasticache_at_rest_encryption", "AtRestEncryptionEnabled", OF_REPLICATION_GROUP),
    _flag("elasticache_transit_encryption", "TransitEncryptionEnabled", OF_REPLICATION_GROUP),
    alike("elasticache_automatic_failover", [OF_REPLICATION_GROUP], Is("AutomaticFailover", "enabled")),
    alike("elasticache_backup", _CACHES, Between("SnapshotRetentionLimit", LEAST_DAYS)),
    _flag("elasticache_minor_upgrades", "AutoMinorVersionUpgrade", *_CACHES),
    alike(
        "elasticache_auth",
        [OF_REPLICATION_GROUP],
        Is("TransitEncryptionEnabled", value=True),
        AnyOf((Is("AuthTokenEnabled", value=True), Filled("UserGroupIds"))),
    ),
    customer_key("elasticache_customer_key", (OF_REPLICATION_GROUP, "KmsKeyId")),
    alike("dms_public_access", [OF_DMS_INSTANCE], Is("PubliclyAccessible", value=False)),
    _flag("dms_minor_upgrades", "AutoMinorVersionUpgrade", OF_DMS_INSTANCE),
    _flag("dms_multi_az", "MultiAZ", OF_DMS_INSTANCE),
)
