import json
from typing import Any

from tests.contract.postures.tools import Made, Posture, arn, client, key, policy, subnets


def _queues() -> Made:
    sqs = client("sqs")
    everybody, ours = policy("sqs:SendMessage", "*"), policy("sqs:SendMessage")
    sqs.create_queue(QueueName="wrong", Attributes={"SqsManagedSseEnabled": "false", "Policy": everybody})
    sqs.create_queue(QueueName="right", Attributes={"KmsMasterKeyId": key(), "Policy": ours})
    return Made(arn("sqs", "wrong"), arn("sqs", "right"), arn("sqs", "nothing"))


def _topics() -> Made:
    sns = client("sns")
    everybody = policy("sns:Publish", {"AWS": "*"}, arn("sns", "wrong"))
    ours = policy(
        "sns:Publish",
        {"AWS": "*"},
        arn("sns", "right"),
        Condition={"StringEquals": {"AWS:SourceOwner": "123456789012"}},
    )
    sns.create_topic(Name="wrong", Attributes={"Policy": everybody})
    sns.create_topic(Name="right", Attributes={"KmsMasterKeyId": key(), "Policy": ours})
    return Made(arn("sns", "wrong"), arn("sns", "right"), arn("sns", "nothing"))


def _streams() -> Made:
    kinesis = client("kinesis")
    for name in ("wrong", "right"):
        kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.start_stream_encryption(StreamName="right", EncryptionType="KMS", KeyId=key())
    kinesis.increase_stream_retention_period(StreamName="right", RetentionPeriodHours=168)
    return Made(arn("kinesis", "stream/wrong"), arn("kinesis", "stream/right"), arn("kinesis", "stream/nothing"))


def _deliveries() -> Made:
    firehose = client("firehose")
    target = {"RoleARN": arn("iam", "role/fire", region=""), "BucketARN": "arn:aws:s3:::anything"}
    for name in ("wrong", "right"):
        firehose.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=target)
    configured = {"KeyType": "AWS_OWNED_CMK"}
    firehose.start_delivery_stream_encryption(
        DeliveryStreamName="right", DeliveryStreamEncryptionConfigurationInput=configured
    )
    return Made(
        arn("firehose", "deliverystream/wrong"),
        arn("firehose", "deliverystream/right"),
        arn("firehose", "deliverystream/nothing"),
    )


def _file_systems() -> Made:
    efs = client("efs")
    wrong = efs.create_file_system(CreationToken="wrong", Encrypted=False)["FileSystemId"]
    right = efs.create_file_system(CreationToken="right", Encrypted=True, KmsKeyId=key(), Backup=True)["FileSystemId"]
    return Made(
        arn("elasticfilesystem", f"file-system/{wrong}"),
        arn("elasticfilesystem", f"file-system/{right}"),
        arn("elasticfilesystem", "file-system/fs-0123456789abcdef0"),
    )


def _access_points() -> Made:
    efs = client("efs")
    system = efs.create_file_system(CreationToken="points")["FileSystemId"]
    wrong = efs.create_access_point(FileSystemId=system, ClientToken="w", RootDirectory={"Path": "/"})["AccessPointArn"]
    owned = {"Path": "/team", "CreationInfo": {"OwnerUid": 1, "OwnerGid": 1, "Permissions": "750"}}
    right = efs.create_access_point(
        FileSystemId=system, ClientToken="r", PosixUser={"Uid": 1000, "Gid": 1000}, RootDirectory=owned
    )["AccessPointArn"]
    return Made(wrong, right, arn("elasticfilesystem", "access-point/fsap-0123456789abcdef0"))


def _application_balancer(name: str, zones: tuple[str, ...]) -> str:
    made = client("elbv2").create_load_balancer(Name=name, Subnets=list(zones), Scheme="internal", Type="application")
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def _attributes(balancer: str, settings: dict[str, str]) -> None:
    client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=balancer, Attributes=[{"Key": name, "Value": value} for name, value in settings.items()]
    )


def _balancers() -> Made:
    _, both = subnets()
    wrong, right = _application_balancer("wrong", both[:1]), _application_balancer("right", both)
    good = {
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": "logs",
        "deletion_protection.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
    }
    _attributes(right, good)
    bad = {name: "false" for name in good if name.endswith(".enabled")}
    _attributes(wrong, bad | {"routing.http.desync_mitigation_mode": "monitor"})
    _listeners(wrong, right)
    return Made(wrong, right, arn("elasticloadbalancing", "loadbalancer/app/nothing/0123456789abcdef"))


def _listeners(wrong: str, right: str) -> tuple[str, str]:
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    certificate = client("acm").request_certificate(DomainName="example.com")["CertificateArn"]
    plain = client("elbv2").create_listener(LoadBalancerArn=wrong, Protocol="HTTP", Port=80, DefaultActions=[answer])
    secure = client("elbv2").create_listener(
        LoadBalancerArn=right,
        Protocol="HTTPS",
        Port=443,
        DefaultActions=[answer],
        Certificates=[{"CertificateArn": certificate}],
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
    )
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
    client("elbv2").create_listener(LoadBalancerArn=right, Protocol="HTTP", Port=80, DefaultActions=[redirect])
    return tuple(each["Listeners"][0]["ListenerArn"] for each in (plain, secure))


def _single_listeners() -> Made:
    _, both = subnets()
    wrong, right = _listeners(_application_balancer("plain", both), _application_balancer("secure", both))
    return Made(wrong, right, arn("elasticloadbalancing", "listener/app/nothing/0123456789abcdef/0123456789abcdef"))


def _classic() -> Made:
    elb = client("elb")
    listener = {"Protocol": "http", "LoadBalancerPort": 80, "InstanceProtocol": "http", "InstancePort": 80}
    zones = {"wrong": ["eu-west-1a"], "right": ["eu-west-1a", "eu-west-1b"]}
    for name, where in zones.items():
        elb.create_load_balancer(LoadBalancerName=name, Listeners=[listener], AvailabilityZones=where)
    elb.modify_load_balancer_attributes(
        LoadBalancerName="right",
        LoadBalancerAttributes={
            "AccessLog": {"Enabled": True, "S3BucketName": "logs", "EmitInterval": 5},
            "ConnectionDraining": {"Enabled": True, "Timeout": 60},
            "CrossZoneLoadBalancing": {"Enabled": True},
        },
    )
    service = "elasticloadbalancing"
    return Made(
        arn(service, "loadbalancer/wrong"), arn(service, "loadbalancer/right"), arn(service, "loadbalancer/nothing")
    )


def _distributions() -> Made:
    made = []
    for name in ("wrong", "right"):
        good = name == "right"
        config: dict[str, Any] = {
            "CallerReference": name,
            "Comment": "",
            "Enabled": good,
            "DefaultRootObject": "index.html" if good else "",
            "WebACLId": arn("wafv2", "global/webacl/a/b", region="us-east-1") if good else "",
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "o",
                        "DomainName": "example.com",
                        "CustomOriginConfig": {
                            "HTTPPort": 80,
                            "HTTPSPort": 443,
                            "OriginProtocolPolicy": "https-only",
                        },
                    }
                ],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "o",
                "ViewerProtocolPolicy": "https-only" if good else "allow-all",
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                "MinTTL": 0,
            },
            "Logging": {
                "Enabled": good,
                "IncludeCookies": False,
                "Bucket": "logs.s3.amazonaws.com" if good else "",
                "Prefix": "",
            },
        }
        if good:
            config["ViewerCertificate"] = {
                "ACMCertificateArn": arn("acm", "certificate/x", region="us-east-1"),
                "SSLSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1.2_2021",
                "CloudFrontDefaultCertificate": False,
            }
        made.append(client("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]["Id"])
    return Made(
        arn("cloudfront", f"distribution/{made[0]}", region=""),
        arn("cloudfront", f"distribution/{made[1]}", region=""),
        arn("cloudfront", "distribution/E000000000000Z", region=""),
    )


def _stages() -> Made:
    rest = client("apigateway")
    api = rest.create_rest_api(name="api")["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    rest.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    rest.put_method_response(restApiId=api, resourceId=root, httpMethod="GET", statusCode="200")
    rest.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    deployment = rest.create_deployment(restApiId=api)["id"]
    rest.create_stage(restApiId=api, stageName="wrong", deploymentId=deployment)
    rest.create_stage(restApiId=api, stageName="right", deploymentId=deployment, tracingEnabled=True)
    changes = {
        "/*/*/logging/loglevel": "ERROR",
        "/*/*/logging/dataTrace": "false",
        "/*/*/caching/dataEncrypted": "true",
        "/accessLogSettings/destinationArn": arn("logs", "log-group:api"),
    }
    rest.update_stage(
        restApiId=api,
        stageName="right",
        patchOperations=[{"op": "replace", "path": path, "value": value} for path, value in changes.items()],
    )
    at = f"/restapis/{api}/stages"
    return Made(*(arn("apigateway", f"{at}/{name}", account="") for name in ("wrong", "right", "nothing")))


def _state_machines() -> Made:
    definition = json.dumps({"StartAt": "a", "States": {"a": {"Type": "Pass", "End": True}}})
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": arn("logs", "log-group:states:*")}}
    right: dict[str, Any] = {
        "loggingConfiguration": {"level": "ALL", "includeExecutionData": True, "destinations": [group]},
        "tracingConfiguration": {"enabled": True},
    }
    made = [
        client("stepfunctions").create_state_machine(
            name=name, definition=definition, roleArn=arn("iam", "role/states", region=""), **settings
        )["stateMachineArn"]
        for name, settings in (("wrong", {}), ("right", right))
    ]
    return Made(made[0], made[1], arn("states", "stateMachine:nothing"))


POSTURES = (
    Posture(_queues, ("sqs-encryption", "sqs-customer-key", "sqs-no-public-policy")),
    Posture(_topics, ("sns-encryption", "sns-no-public-policy")),
    Posture(_streams, ("kinesis-encryption", "kinesis-customer-key", "kinesis-retention")),
    Posture(_deliveries, ("firehose-encryption",)),
    Posture(_file_systems, ("efs-encryption", "efs-customer-key", "efs-backup")),
    Posture(_access_points, ("efs-access-point-user", "efs-access-point-root")),
    Posture(
        _balancers,
        (
            *("elb-access-logging", "elb-deletion-protection", "elb-drop-invalid-headers", "elb-desync-mitigation"),
            *("elb-multi-az", "elb-https-listener"),
        ),
    ),
    Posture(_single_listeners, ("elb-https-listener", "elb-tls-policy")),
    Posture(_classic, ("elb-connection-draining", "elb-cross-zone", "elb-access-logging", "elb-multi-az")),
    Posture(
        _distributions,
        (
            *("cloudfront-enabled", "cloudfront-https", "cloudfront-logging", "cloudfront-root-object"),
            *("cloudfront-waf", "cloudfront-tls-policy", "cloudfront-own-certificate"),
        ),
    ),
    Posture(
        _stages,
        (
            *("apigateway-tracing", "apigateway-access-logging", "apigateway-execution-logging"),
            *("apigateway-cache-encryption", "apigateway-no-data-trace"),
        ),
    ),
    Posture(_state_machines, ("stepfunctions-logging", "stepfunctions-tracing")),
)
