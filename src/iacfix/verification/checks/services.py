"""Checks of load balancers, gateways, queues, streams, file systems and workflows."""

from typing import Final

from iacfix.verification.answers import (
    ABSENT,
    AnyOf,
    Between,
    Filled,
    Hold,
    Is,
    Judged,
    Keyed,
    Node,
    OneOf,
    at,
    listed,
    same,
    text,
    wrong,
)
from iacfix.verification.asking import Ask, document
from iacfix.verification.check import Check, Seen, Source, alike, customer_key, described, own_key
from iacfix.verification.checks.kinds import (
    FILE_SYSTEM,
    LISTENER,
    LOAD_BALANCER,
    QUEUE,
    TOPIC,
)
from iacfix.verification.checks.sources import (
    ATTRIBUTES_OF_BALANCER,
    ATTRIBUTES_OF_CLASSIC,
    OF_ACCESS_POINT,
    OF_BROKER,
    OF_CLASSIC_BALANCER,
    OF_DELIVERY_STREAM,
    OF_DISTRIBUTION,
    OF_FILE_SYSTEM,
    OF_LISTENER,
    OF_LOAD_BALANCER,
    OF_MSK_CLUSTER,
    OF_REST_STAGE,
    OF_STATE_MACHINE,
    OF_STREAM,
    OF_TOPIC,
)
from iacfix.verification.policies import public_statement
from iacfix.verification.target import UnclearError

_HTTPS = frozenset({"HTTPS", "TLS"})
_TLS_1_2 = ("ELBSecurityPolicy-TLS13-1-2-", "ELBSecurityPolicy-TLS13-1-3-", "ELBSecurityPolicy-TLS-1-2-")
_FS_1_2 = "ELBSecurityPolicy-FS-1-2-"
_ALL_METHODS = "*/*"
_WEEK_OF_HOURS = 168
_VIEWER = OneOf("ViewerProtocolPolicy", ("redirect-to-https", "https-only"))
_QUEUE_OPERATIONS = frozenset({("sqs", "GetQueueUrl"), ("sqs", "GetQueueAttributes")})


def _queue(ask: Ask) -> Node:
    owner = {"QueueOwnerAWSAccountId": ask.target.at.account} if ask.target.at.account else {}
    url = text(ask.must("sqs", "GetQueueUrl", {"QueueName": "{id}", **owner}), "QueueUrl")
    answer = ask.must("sqs", "GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["All"]})
    attributes = at(answer, "Attributes")
    if not isinstance(attributes, dict) or not str(attributes.get("QueueArn")).endswith(f":{ask.target.names['id']}"):
        raise UnclearError("SQS answered about something else than this queue")
    return attributes


def _queue_encrypted(ask: Ask) -> Seen:
    holds: tuple[Hold, ...] = (AnyOf((Filled("KmsMasterKeyId"), Is("SqsManagedSseEnabled", "true"))),)
    said = wrong(_queue(ask), holds)
    return Seen(not said, said or "messages are encrypted")


def _queue_key(ask: Ask) -> Seen:
    key = at(_queue(ask), "KmsMasterKeyId")
    if not isinstance(key, str) or not key:
        return Seen(resolved=False, said="KmsMasterKeyId is not set")
    return own_key(ask, key)


def _queue_policy(ask: Ask) -> Seen:
    return _policy(at(_queue(ask), "Policy"))


def _policy(policy: object) -> Seen:
    if policy is ABSENT or policy == "":
        return Seen(resolved=True, said="there is no policy")
    said = public_statement(document(policy))
    return Seen(not said, f"the statement {said} lets everybody in" if said else "no statement is for everybody")


def _topic_policy(ask: Ask) -> Seen:
    return _policy(text(OF_TOPIC.ask(ask), "Policy"))


def _takes_https(listener: Node) -> str:
    """What is passed on as it is (TCP) is not for this check to judge."""
    protocol = text(listener, "Protocol")
    if protocol in _HTTPS:
        return ""
    if protocol != "HTTP":
        raise UnclearError(f"the listener passes {protocol} on as it is, which a person has to judge")
    actions = listed(listener, "DefaultActions")
    redirects = [each for each in actions if at(each, "RedirectConfig.Protocol") == "HTTPS"]
    return "" if redirects and len(redirects) == len(actions) else "a listener takes HTTP"


def _balancer_https(ask: Ask) -> Seen:
    if ask.target.kind == LISTENER:
        node = OF_LISTENER.ask(ask)
        found = [node] if node is not None else []
    else:
        OF_LOAD_BALANCER.ask(ask)
        found = ask.pages(
            "elbv2", "DescribeListeners", {"LoadBalancerArn": "{arn}"}, "Listeners", ("Marker", "NextMarker")
        )
    said = "; ".join(each for each in map(_takes_https, found) if each)
    if not found:
        raise UnclearError("the load balancer has no listener")
    return Seen(not said, said or f"each of {len(found)} listeners takes HTTPS, or leads there")


def _tls_policy(item: Node) -> str:
    protocol, policy = text(item, "Protocol"), at(item, "SslPolicy")
    if protocol not in _HTTPS:
        return _takes_https(item)
    if not isinstance(policy, str) or not policy.startswith((*_TLS_1_2, _FS_1_2)):
        return f"SslPolicy is {'not there' if policy is ABSENT else policy}"
    return ""


def _many_zones(item: Node) -> str:
    zones = at(item, "AvailabilityZones")
    count = len(zones) if isinstance(zones, list) else 0
    return "" if count > 1 else f"it has {count} zones"


def _every_behavior(item: Node) -> str:
    default = at(item, "DefaultCacheBehavior")
    others = listed(item, "CacheBehaviors.Items") if at(item, "CacheBehaviors.Items") is not ABSENT else []
    if not same(at(item, "CacheBehaviors.Quantity"), len(others)) or not isinstance(default, dict):
        raise UnclearError("the answer does not have every cache behavior")
    return next((said for each in (default, *others) if (said := _VIEWER.wrong(each))), "")


def _stage_setting(name: str, hold: Hold) -> Judged:
    def judge(item: Node) -> str:
        settings = at(item, "methodSettings")
        found = settings.get(_ALL_METHODS) if isinstance(settings, dict) else None
        if not isinstance(found, dict):
            return f"there are no settings for all methods ({_ALL_METHODS})"
        others = [each for each in settings.values() if isinstance(each, dict)] if isinstance(settings, dict) else []
        return next((said for each in (found, *others) if (said := hold.wrong(each))), "")

    return Judged(f"{name} of methodSettings: {hold.told}", judge)


def _logs(item: Node) -> str:
    destinations = at(item, "loggingConfiguration.destinations")
    if at(item, "loggingConfiguration.level") not in ("ALL", "ERROR", "FATAL"):
        return f"loggingConfiguration.level is {at(item, 'loggingConfiguration.level')}"
    return "" if isinstance(destinations, list) and destinations else "loggingConfiguration has no destination"


def _balancer(key: str, *values: str) -> tuple[Source, tuple[Hold, ...]]:
    return ATTRIBUTES_OF_BALANCER, (Keyed("Attributes", key, OneOf("Value", values)),)


def _own_root(item: Node) -> str:
    path = text(item, "RootDirectory.Path")
    return "RootDirectory.Path is /" if not path.strip("/") else ""


def _backups() -> Source:
    return Source(
        FILE_SYSTEM,
        "efs",
        "DescribeBackupPolicy",
        {"FileSystemId": "{id}"},
        "BackupPolicy",
        absent={"PolicyNotFound": "the file system has no backup policy"},
        first=OF_FILE_SYSTEM,
    )


_PROVISIONED = "Provisioned.EncryptionInfo.EncryptionInTransit"
CHECKS: Final = (
    Check(
        "sqs_encryption",
        "KmsMasterKeyId is set or SqsManagedSseEnabled is true",
        (QUEUE,),
        _QUEUE_OPERATIONS,
        _queue_encrypted,
    ),
    Check(
        "sqs_customer_key",
        "KmsMasterKeyId names a key of your own",
        (QUEUE,),
        _QUEUE_OPERATIONS | {("kms", "DescribeKey")},
        _queue_key,
    ),
    Check("sqs_policy", "no statement of the policy lets everybody in", (QUEUE,), _QUEUE_OPERATIONS, _queue_policy),
    alike("sns_encryption", [OF_TOPIC], Filled("KmsMasterKeyId")),
    Check("sns_policy", "no statement of the policy lets everybody in", (TOPIC,), OF_TOPIC.operations, _topic_policy),
    alike("kinesis_encryption", [OF_STREAM], Is("EncryptionType", "KMS")),
    customer_key("kinesis_customer_key", (OF_STREAM, "KeyId")),
    alike("kinesis_retention", [OF_STREAM], Between("RetentionPeriodHours", _WEEK_OF_HOURS)),
    alike("firehose_encryption", [OF_DELIVERY_STREAM], Is("DeliveryStreamEncryptionConfiguration.Status", "ENABLED")),
    alike("efs_encryption", [OF_FILE_SYSTEM], Is("Encrypted", value=True)),
    customer_key("efs_customer_key", (OF_FILE_SYSTEM, "KmsKeyId")),
    alike("efs_backup", [_backups()], Is("Status", "ENABLED")),
    alike("efs_access_point_user", [OF_ACCESS_POINT], Between("PosixUser.Uid", 0), Between("PosixUser.Gid", 0)),
    alike(
        "efs_access_point_root",
        [OF_ACCESS_POINT],
        Judged("RootDirectory.Path is not /", _own_root),
    ),
    described(
        "elb_access_logging",
        _balancer("access_logs.s3.enabled", "true"),
        (ATTRIBUTES_OF_CLASSIC, (Is("AccessLog.Enabled", value=True),)),
    ),
    described("elb_deletion_protection", _balancer("deletion_protection.enabled", "true")),
    described("elb_drop_invalid_headers", _balancer("routing.http.drop_invalid_header_fields.enabled", "true")),
    described("elb_desync_mitigation", _balancer("routing.http.desync_mitigation_mode", "defensive", "strictest")),
    described("elb_connection_draining", (ATTRIBUTES_OF_CLASSIC, (Is("ConnectionDraining.Enabled", value=True),))),
    described(
        "elb_cross_zone",
        _balancer("load_balancing.cross_zone.enabled", "true"),
        (ATTRIBUTES_OF_CLASSIC, (Is("CrossZoneLoadBalancing.Enabled", value=True),)),
    ),
    described(
        "elb_multi_az",
        (OF_LOAD_BALANCER, (Judged("AvailabilityZones has two or more", _many_zones),)),
        (OF_CLASSIC_BALANCER, (Judged("AvailabilityZones has two or more", _many_zones),)),
    ),
    Check(
        "elb_https_listener",
        "each listener takes HTTPS or TLS, or redirects there",
        (LISTENER, LOAD_BALANCER),
        OF_LISTENER.operations | OF_LOAD_BALANCER.operations,
        _balancer_https,
    ),
    alike("elb_tls_policy", [OF_LISTENER], Judged("SslPolicy takes TLS 1.2 and later only", _tls_policy)),
    alike("cloudfront_enabled", [OF_DISTRIBUTION], Is("Enabled", value=True)),
    alike("cloudfront_https", [OF_DISTRIBUTION], Judged(f"in each behavior {_VIEWER.told}", _every_behavior)),
    alike("cloudfront_logging", [OF_DISTRIBUTION], Filled("Logging.Bucket")),
    alike("cloudfront_root_object", [OF_DISTRIBUTION], Filled("DefaultRootObject")),
    alike("cloudfront_waf", [OF_DISTRIBUTION], Filled("WebACLId")),
    alike("cloudfront_origin_failover", [OF_DISTRIBUTION], Between("OriginGroups.Quantity", 1)),
    alike(
        "cloudfront_tls_policy",
        [OF_DISTRIBUTION],
        OneOf(
            "ViewerCertificate.MinimumProtocolVersion",
            ("TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"),
        ),
    ),
    alike(
        "cloudfront_own_certificate",
        [OF_DISTRIBUTION],
        Is("ViewerCertificate.CloudFrontDefaultCertificate", value=False),
        AnyOf((Filled("ViewerCertificate.ACMCertificateArn"), Filled("ViewerCertificate.IAMCertificateId"))),
    ),
    alike("apigateway_tracing", [OF_REST_STAGE], Is("tracingEnabled", value=True)),
    alike("apigateway_access_logging", [OF_REST_STAGE], Filled("accessLogSettings.destinationArn")),
    alike("apigateway_waf", [OF_REST_STAGE], Filled("webAclArn")),
    alike("apigateway_client_certificate", [OF_REST_STAGE], Filled("clientCertificateId")),
    alike(
        "apigateway_execution_logging",
        [OF_REST_STAGE],
        _stage_setting("all methods", OneOf("loggingLevel", ("ERROR", "INFO"))),
    ),
    alike(
        "apigateway_cache_encryption",
        [OF_REST_STAGE],
        _stage_setting("all methods", Is("cacheDataEncrypted", value=True)),
    ),
    alike(
        "apigateway_no_data_trace", [OF_REST_STAGE], _stage_setting("all methods", Is("dataTraceEnabled", value=False))
    ),
    alike(
        "stepfunctions_logging", [OF_STATE_MACHINE], Judged("loggingConfiguration has a level and a destination", _logs)
    ),
    alike("stepfunctions_tracing", [OF_STATE_MACHINE], Is("tracingConfiguration.enabled", value=True)),
    alike("mq_public_access", [OF_BROKER], Is("PubliclyAccessible", value=False)),
    alike("mq_minor_upgrades", [OF_BROKER], Is("AutoMinorVersionUpgrade", value=True)),
    alike("mq_logging", [OF_BROKER], Is("Logs.General", value=True)),
    alike("mq_audit_logging", [OF_BROKER], Is("Logs.Audit", value=True)),
    alike(
        "msk_transit_encryption",
        [OF_MSK_CLUSTER],
        Is(f"{_PROVISIONED}.ClientBroker", "TLS"),
        Is(f"{_PROVISIONED}.InCluster", value=True),
    ),
    alike(
        "msk_private",
        [OF_MSK_CLUSTER],
        Is("Provisioned.BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type", "DISABLED"),
    ),
)
