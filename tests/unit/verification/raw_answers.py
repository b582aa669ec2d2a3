"""What services answer of resources that moto does not have, or has wrong: as they should not be, and as they should.
Every answer is held to botocore's description of its service.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Answers = Mapping[str, Mapping[str, Any]]
_R = "eu-west-1:123456789012"
_ACCOUNT = "arn:aws:iam::123456789012:root"
_TIME = "2026-11-21T00:00:00+00:00"


@dataclass(frozen=True)
class Raw:
    """`first` are answers that are the same in both. `gone` is the operation and the code that says so."""

    check: str
    arn: str
    wrong: Answers
    right: Answers
    first: Answers = field(default_factory=dict)
    gone: tuple[str, str] | None = None


def _passwords(name: str, wrong: Mapping[str, Any], right: Mapping[str, Any]) -> Raw:
    before, after = ({"GetAccountPasswordPolicy": {"PasswordPolicy": dict(each)}} for each in (wrong, right))
    return Raw(f"iam_password_{name}", _ACCOUNT, before, after)


def _function(**more: Any) -> Mapping[str, Any]:
    return {"GetFunctionConfiguration": {"FunctionName": "orders", **more}}


def _urls(*kinds: str) -> Mapping[str, Any]:
    about = {
        "FunctionUrl": f"https://{'x' * 32}.lambda-url.eu-west-1.on.aws/",
        "FunctionArn": _FUNCTION,
        "CreationTime": "t",
        "LastModifiedTime": "t",
    }
    return {"ListFunctionUrlConfigs": {"FunctionUrlConfigs": [{**about, "AuthType": kind} for kind in kinds]}}


_GONE_FUNCTION = ("GetFunctionConfiguration", "ResourceNotFoundException")
_FUNCTION = f"arn:aws:lambda:{_R}:function:orders"


def _broker(check: str, wrong: Mapping[str, Any], right: Mapping[str, Any]) -> Raw:
    before, after = ({"DescribeBroker": {"BrokerId": _BROKER, **each}} for each in (wrong, right))
    arn = f"arn:aws:mq:{_R}:broker:orders:{_BROKER}"
    return Raw(check, arn, before, after, gone=("DescribeBroker", "NotFoundException"))


_BROKER = "b-1234a5b6-78cd-901e-2fab-3a45b6c17819"
_MSK = f"arn:aws:kafka:{_R}:cluster/orders/1234abcd-12ab-34cd-56ef-1234567890ab-1"


def _msk(check: str, wrong: Mapping[str, Any], right: Mapping[str, Any]) -> Raw:
    nodes = {"ClientSubnets": ["subnet-1"], "InstanceType": "kafka.m5.large"}
    before, after = (
        {
            "DescribeClusterV2": {
                "ClusterInfo": {
                    "ClusterArn": _MSK,
                    "Provisioned": {"BrokerNodeGroupInfo": nodes, "NumberOfBrokerNodes": 3, **each},
                }
            }
        }
        for each in (wrong, right)
    )
    return Raw(check, _MSK, before, after, gone=("DescribeClusterV2", "NotFoundException"))


def _stage(check: str, **right: Any) -> Raw:
    return Raw(
        check,
        "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod",
        {"GetStage": {"stageName": "prod"}},
        {"GetStage": {"stageName": "prod", **right}},
        gone=("GetStage", "NotFoundException"),
    )


def _distribution(groups: int) -> Answers:
    config: dict[str, Any] = {
        "CallerReference": "x",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "example.com"}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
        "OriginGroups": {"Quantity": groups},
    }
    return {"GetDistributionConfig": {"DistributionConfig": config}}


def _attached(arn: str) -> Answers:
    return {"ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyName": "x", "PolicyArn": arn}]}}


_BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
_ROLE = {"Path": "/", "RoleName": "r", "RoleId": "AROA1234567890123456", "Arn": "arn:aws:iam::123456789012:role/r"}

RAW = (
    _passwords("age", {"MaxPasswordAge": 91}, {"MaxPasswordAge": 90}),
    _passwords("length", {"MinimumPasswordLength": 8}, {"MinimumPasswordLength": 14}),
    _passwords("lowercase", {"RequireLowercaseCharacters": False}, {"RequireLowercaseCharacters": True}),
    _passwords("number", {"RequireNumbers": False}, {"RequireNumbers": True}),
    _passwords("reuse", {"PasswordReusePrevention": 5}, {"PasswordReusePrevention": 24}),
    _passwords("symbol", {"RequireSymbols": False}, {"RequireSymbols": True}),
    _passwords("uppercase", {"RequireUppercaseCharacters": False}, {"RequireUppercaseCharacters": True}),
    Raw(
        "iam_no_root_access_key",
        _ACCOUNT,
        {"GetAccountSummary": {"SummaryMap": {"AccountAccessKeysPresent": 1}}},
        {"GetAccountSummary": {"SummaryMap": {"AccountAccessKeysPresent": 0}}},
    ),
    Raw(
        "iam_no_administrator_access",
        "arn:aws:iam::123456789012:role/r",
        _attached("arn:aws:iam::aws:policy/AdministratorAccess"),
        _attached("arn:aws:iam::123456789012:policy/AdministratorAccess"),
        {"GetRole": {"Role": {**_ROLE, "CreateDate": _TIME}}},
        gone=("GetRole", "NoSuchEntity"),
    ),
    Raw(
        "s3_account_public_access",
        _ACCOUNT,
        {"GetPublicAccessBlock": {"PublicAccessBlockConfiguration": {**_BLOCK, "IgnorePublicAcls": False}}},
        {"GetPublicAccessBlock": {"PublicAccessBlockConfiguration": _BLOCK}},
    ),
    Raw(
        "s3_mfa_delete",
        "arn:aws:s3:::logs",
        {"GetBucketVersioning": {"Status": "Enabled", "MFADelete": "Disabled"}},
        {"GetBucketVersioning": {"Status": "Enabled", "MFADelete": "Enabled"}},
        gone=("GetBucketVersioning", "NoSuchBucket"),
    ),
    _stage("apigateway_client_certificate", clientCertificateId="abcdef"),
    _stage("apigateway_waf", webAclArn=f"arn:aws:wafv2:{_R}:regional/webacl/a/b"),
    Raw(
        "cloudfront_origin_failover",
        "arn:aws:cloudfront::123456789012:distribution/EDFDVBD632BHDS5",
        _distribution(0),
        _distribution(1),
        gone=("GetDistributionConfig", "NoSuchDistribution"),
    ),
    Raw(
        "lambda_code_signing",
        _FUNCTION,
        {"GetFunctionCodeSigningConfig": {"CodeSigningConfigArn": "", "FunctionName": "orders"}},
        {
            "GetFunctionCodeSigningConfig": {
                "CodeSigningConfigArn": f"arn:aws:lambda:{_R}:code-signing-config:csc-1234567890abcdef0",
                "FunctionName": "orders",
            }
        },
        _function(),
        gone=_GONE_FUNCTION,
    ),
    Raw(
        "lambda_dead_letter_queue",
        _FUNCTION,
        _function(DeadLetterConfig={}),
        _function(DeadLetterConfig={"TargetArn": f"arn:aws:sqs:{_R}:failed"}),
        gone=_GONE_FUNCTION,
    ),
    Raw(
        "lambda_url", _FUNCTION, _urls("AWS_IAM", "NONE"), _urls("AWS_IAM", "AWS_IAM"), _function(), gone=_GONE_FUNCTION
    ),
    _broker("mq_public_access", {"PubliclyAccessible": True}, {"PubliclyAccessible": False}),
    _broker("mq_minor_upgrades", {"AutoMinorVersionUpgrade": False}, {"AutoMinorVersionUpgrade": True}),
    _broker(
        "mq_logging",
        {"Logs": {"General": False, "GeneralLogGroup": "g"}},
        {"Logs": {"General": True, "GeneralLogGroup": "g"}},
    ),
    _broker(
        "mq_audit_logging",
        {"Logs": {"General": True, "GeneralLogGroup": "g", "Audit": False}},
        {"Logs": {"General": True, "GeneralLogGroup": "g", "Audit": True}},
    ),
    _msk(
        "msk_transit_encryption",
        {"EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS_PLAINTEXT", "InCluster": True}}},
        {"EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS", "InCluster": True}}},
    ),
    _msk(
        "msk_private",
        {
            "BrokerNodeGroupInfo": {
                "ClientSubnets": ["s"],
                "InstanceType": "kafka.m5.large",
                "ConnectivityInfo": {"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}},
            }
        },
        {
            "BrokerNodeGroupInfo": {
                "ClientSubnets": ["s"],
                "InstanceType": "kafka.m5.large",
                "ConnectivityInfo": {"PublicAccess": {"Type": "DISABLED"}},
            }
        },
    ),
    Raw(
        "redshift_audit_logging",
        f"arn:aws:redshift:{_R}:cluster:orders",
        {"DescribeLoggingStatus": {"LoggingEnabled": False}},
        {"DescribeLoggingStatus": {"LoggingEnabled": True}},
        gone=("DescribeLoggingStatus", "ClusterNotFound"),
    ),
    Raw(
        "rds_performance_insights",
        f"arn:aws:rds:{_R}:db:orders",
        {
            "DescribeDBInstances": {
                "DBInstances": [{"DBInstanceIdentifier": "orders", "PerformanceInsightsEnabled": False}]
            }
        },
        {
            "DescribeDBInstances": {
                "DBInstances": [{"DBInstanceIdentifier": "orders", "PerformanceInsightsEnabled": True}]
            }
        },
        gone=("DescribeDBInstances", "DBInstanceNotFound"),
    ),
    # moto has the resources, and another answer than AWS where there is none.
    Raw(
        "nacl_ssh",
        f"arn:aws:ec2:{_R}:network-acl/acl-0123456789abcdef0",
        {
            "DescribeNetworkAcls": {
                "NetworkAcls": [
                    {
                        "NetworkAclId": "acl-0123456789abcdef0",
                        "Entries": [
                            # IPv4 is denied first, and IPv6 is not
                            {"RuleNumber": 90, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"},
                            {"RuleNumber": 95, "Protocol": "6", "RuleAction": "deny", "Ipv6CidrBlock": "2001:db8::/32"},
                            {
                                "RuleNumber": 100,
                                "Protocol": "6",
                                "RuleAction": "allow",
                                "Ipv6CidrBlock": "::/0",
                                "PortRange": {"From": 20, "To": 30},
                            },
                        ],
                    }
                ]
            }
        },
        {
            "DescribeNetworkAcls": {
                "NetworkAcls": [
                    {
                        "NetworkAclId": "acl-0123456789abcdef0",
                        "Entries": [
                            {"RuleNumber": 90, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"},
                            {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"},
                            {"RuleNumber": 32767, "Protocol": "-1", "RuleAction": "deny", "Ipv6CidrBlock": "::/0"},
                        ],
                    }
                ]
            }
        },
        gone=("DescribeNetworkAcls", "InvalidNetworkAclID.NotFound"),
    ),
    Raw(
        "transit_gateway_accepts",
        f"arn:aws:ec2:{_R}:transit-gateway/tgw-0123456789abcdef0",
        {
            "DescribeTransitGateways": {
                "TransitGateways": [
                    {
                        "TransitGatewayId": "tgw-0123456789abcdef0",
                        "State": "available",
                        "Options": {"AutoAcceptSharedAttachments": "enable"},
                    }
                ]
            }
        },
        {
            "DescribeTransitGateways": {
                "TransitGateways": [
                    {
                        "TransitGatewayId": "tgw-0123456789abcdef0",
                        "State": "available",
                        "Options": {"AutoAcceptSharedAttachments": "disable"},
                    }
                ]
            }
        },
        gone=("DescribeTransitGateways", "InvalidTransitGatewayID.NotFound"),
    ),
    Raw(
        "codebuild_privileged_mode",
        f"arn:aws:codebuild:{_R}:project/orders",
        {
            "BatchGetProjects": {
                "projects": [
                    {
                        "name": "orders",
                        "environment": {
                            "type": "LINUX_CONTAINER",
                            "image": "x",
                            "computeType": "BUILD_GENERAL1_SMALL",
                            "privilegedMode": True,
                        },
                    }
                ],
            }
        },
        {
            "BatchGetProjects": {
                "projects": [
                    {
                        "name": "orders",
                        "environment": {
                            "type": "LINUX_CONTAINER",
                            "image": "x",
                            "computeType": "BUILD_GENERAL1_SMALL",
                            "privilegedMode": False,
                        },
                    }
                ],
            }
        },
    ),
    Raw(
        "sg_ssh",
        f"arn:aws:ec2:{_R}:security-group/sg-0123456789abcdef0",
        {
            "GetManagedPrefixListEntries": {"Entries": [{"Cidr": "0.0.0.0/1"}, {"Cidr": "128.0.0.0/1"}]},
        },
        {"GetManagedPrefixListEntries": {"Entries": [{"Cidr": "192.0.2.0/24"}]}},
        {
            "DescribeSecurityGroups": {
                "SecurityGroups": [
                    {
                        "GroupId": "sg-0123456789abcdef0",
                        "IpPermissions": [
                            {
                                "IpProtocol": "tcp",
                                "FromPort": 0,
                                "ToPort": 1024,
                                "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
                                "PrefixListIds": [{"PrefixListId": "pl-0123456789abcdef0"}],
                            }
                        ],
                    }
                ]
            }
        },
        gone=("DescribeSecurityGroups", "InvalidGroup.NotFound"),
    ),
)
