"""Checks of machines, functions and containers."""

import re
from typing import Final

from iacfix.domain.networks import is_everybody
from iacfix.verification.answers import ABSENT, AnyOf, Between, Filled, Is, Judged, Keyed, Node, OneOf, at, listed, text
from iacfix.verification.asking import Ask, document
from iacfix.verification.check import Check, Seen, Source, alike, customer_key
from iacfix.verification.checks.kinds import (
    FUNCTION,
    INSTANCE,
    LAUNCH_TEMPLATE,
    REPOSITORY,
)
from iacfix.verification.checks.sources import (
    OF_BUILD_PROJECT,
    OF_ECS_CLUSTER,
    OF_EKS_CLUSTER,
    OF_FUNCTION,
    OF_INSTANCE,
    OF_REPOSITORY,
    OF_SCALING_GROUP,
    OF_VOLUME,
)
from iacfix.verification.policies import public_statement
from iacfix.verification.target import UnclearError

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-deprecated
OLD_RUNTIMES: Final = frozenset(
    {"dotnet5.0", "dotnet6", "dotnet7", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "go1.x"}
    | {"java8", "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x"}
    | {"nodejs14.x", "nodejs16.x", "nodejs18.x", "provided", "python2.7", "python3.6", "python3.7", "python3.8"}
    | {"python3.9", "ruby2.5", "ruby2.7", "ruby3.2"}
)
_RUNTIME = re.compile(r"(?:dotnet|java|nodejs|python|ruby|provided)[a-z0-9._]{0,20}")
_CONTROL_PLANE = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_POLICY_MISSING = "ResourceNotFoundException"


def _requires_tokens(options: object) -> str:
    """Why IMDSv2 is not required, "" where it is, or where there is no metadata service."""
    if at(options, "HttpEndpoint") == "disabled" or at(options, "HttpTokens") == "required":
        return ""
    return f"HttpTokens is {'not set' if (found := at(options, 'HttpTokens')) is ABSENT else found}"


def _imdsv2(ask: Ask) -> Seen:
    if ask.target.kind == INSTANCE:
        said = _requires_tokens(at(OF_INSTANCE.ask(ask), "MetadataOptions"))
    else:
        said = "; ".join(
            f"version {at(each, 'VersionNumber')}: {wrong}"
            for each in _versions(ask)
            if (wrong := _requires_tokens(at(each, "LaunchTemplateData.MetadataOptions")))
        )
    return Seen(not said, said or "HttpTokens is required")


def _versions(ask: Ask) -> list[Node]:
    """The default version and the latest: a group may launch either."""
    wanted = {"LaunchTemplateId": "{id}", "Versions": ["$Default", "$Latest"]}
    found = ask.pages("ec2", "DescribeLaunchTemplateVersions", wanted, "LaunchTemplateVersions")
    if not all(at(each, "LaunchTemplateId") == ask.target.names["id"] for each in found):
        raise UnclearError("the answer is of another launch template")
    if not any(at(each, "DefaultVersion") is True for each in found):
        raise UnclearError("the answer has no default version of the launch template")
    return found


def _one_hop(ask: Ask) -> Seen:
    path = "LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit"
    hops = [at(each, path) for each in _versions(ask)]
    return Seen(
        all(each == 1 and each is not True for each in hops), f"HttpPutResponseHopLimit is 1: {hops == [1] * len(hops)}"
    )


def _no_public_address(item: Node) -> str:
    interfaces = listed(item, "NetworkInterfaces")
    if not interfaces:  # none has none
        raise UnclearError("the answer has no interface of the instance")
    if at(item, "PublicIpAddress") is not ABSENT or any(
        at(each, "Association.PublicIp") is not ABSENT for each in interfaces
    ):
        return "the instance has a public address"
    return ""


def _volumes_encrypted(ask: Ask) -> Seen:
    instance = OF_INSTANCE.ask(ask)
    attached = [text(each, "Ebs.VolumeId") for each in listed(instance, "BlockDeviceMappings")]
    wanted = {"Filters": [{"Name": "attachment.instance-id", "Values": ["{id}"]}]}
    volumes = ask.pages("ec2", "DescribeVolumes", wanted, "Volumes")
    encrypted = {text(each, "VolumeId") for each in volumes if at(each, "Encrypted") is True}
    if not attached:
        raise UnclearError("the instance has no volume that could be looked at")
    return Seen(
        set(attached) <= encrypted, f"{len(encrypted & set(attached))} of {len(attached)} volumes are encrypted"
    )


def _function_policy(ask: Ask) -> Seen:
    OF_FUNCTION.ask(ask)
    answer = ask.read("lambda", "GetPolicy", {"FunctionName": "{id}"}, absent={_POLICY_MISSING})
    if answer is None:
        return Seen(resolved=True, said="the function has no policy")
    said = public_statement(document(at(answer, "Policy")))
    return Seen(not said, f"the statement {said} lets everybody call" if said else "no statement is for everybody")


def _function_url(ask: Ask) -> Seen:
    """An alias may have a URL of its own."""
    OF_FUNCTION.ask(ask)
    asked = {"FunctionName": "{id}"}
    found = ask.pages("lambda", "ListFunctionUrlConfigs", asked, "FunctionUrlConfigs", ("Marker", "NextMarker"))
    open_to_all = [each for each in found if at(each, "AuthType") != "AWS_IAM"]
    return Seen(not open_to_all, f"of {len(found)} URLs {len(open_to_all)} ask nobody who calls")


def _runtime(item: Node) -> str:
    if at(item, "PackageType") == "Image":
        return ""
    runtime = text(item, "Runtime")
    if runtime in OLD_RUNTIMES:
        return f"the runtime {runtime} is not supported any more"
    if not _RUNTIME.fullmatch(runtime):
        raise UnclearError("the runtime is not one that is known")
    return ""


def _repository_policy(ask: Ask) -> Seen:
    OF_REPOSITORY.ask(ask)
    missing = {"RepositoryPolicyNotFoundException"}
    answer = ask.read("ecr", "GetRepositoryPolicy", {"repositoryName": "{id}"}, absent=missing)
    if answer is None:
        return Seen(resolved=True, said="the repository has no policy")
    said = public_statement(document(at(answer, "policyText")))
    return Seen(not said, f"the statement {said} lets everybody in" if said else "no statement is for everybody")


def _logs_everything(item: Node) -> str:
    enabled: set[object] = set()
    for each in listed(item, "logging.clusterLogging"):
        types = at(each, "types")
        if at(each, "enabled") is True and isinstance(types, list):
            enabled |= {kind for kind in types if isinstance(kind, str)}
    lacking = [each for each in _CONTROL_PLANE if each not in enabled]
    return f"not logged: {', '.join(lacking)}" if lacking else ""


def _named_ranges(item: Node) -> str:
    if at(item, "resourcesVpcConfig.endpointPublicAccess") is False:
        return ""
    cidrs = at(item, "resourcesVpcConfig.publicAccessCidrs")
    if not isinstance(cidrs, list) or not cidrs:
        return "the public endpoint names no ranges, which is everybody"
    wide = [str(each) for each in cidrs if is_everybody(str(each)) is not False]
    return f"the public endpoint is open to {', '.join(wide)}" if wide else ""


def _secrets_encrypted(item: Node) -> str:
    configured = at(item, "encryptionConfig")
    for each in listed(item, "encryptionConfig") if configured is not ABSENT else ():
        resources = at(each, "resources")
        if isinstance(resources, list) and "secrets" in resources and isinstance(at(each, "provider.keyArn"), str):
            return ""
    return "encryptionConfig names no key for secrets"


def _zones(item: Node) -> str:
    zones = at(item, "AvailabilityZones")
    named = {each for each in zones if isinstance(each, str)} if isinstance(zones, list) else set()
    return "" if len(named) > 1 else f"it has {len(named)} zones"


def _reading(source: Source, *more: tuple[str, str]) -> frozenset[tuple[str, str]]:
    return source.operations | set(more)


_CONCURRENCY = Source(FUNCTION, "lambda", "GetFunctionConcurrency", {"FunctionName": "{id}"}, first=OF_FUNCTION)
_SIGNING = Source(FUNCTION, "lambda", "GetFunctionCodeSigningConfig", {"FunctionName": "{id}"}, first=OF_FUNCTION)
_TEMPLATE = frozenset({("ec2", "DescribeLaunchTemplateVersions")})
_LIFECYCLE = Source(
    REPOSITORY,
    "ecr",
    "GetLifecyclePolicy",
    {"repositoryName": "{id}"},
    absent={"LifecyclePolicyNotFoundException": "the repository has no lifecycle policy"},
)

CHECKS: Final = (
    alike("ebs_volume_encryption", [OF_VOLUME], Is("Encrypted", value=True)),
    customer_key("ebs_volume_customer_key", (OF_VOLUME, "KmsKeyId")),
    Check(
        "ec2_imdsv2",
        "HttpTokens is required, or HttpEndpoint is disabled; in a launch template in its default and latest version",
        (INSTANCE, LAUNCH_TEMPLATE),
        OF_INSTANCE.operations | _TEMPLATE,
        _imdsv2,
    ),
    Check(
        "ec2_metadata_hop_limit",
        "HttpPutResponseHopLimit is 1 in the default and the latest version",
        (LAUNCH_TEMPLATE,),
        _TEMPLATE,
        _one_hop,
    ),
    alike("ec2_public_address", [OF_INSTANCE], Judged("no interface has a public address", _no_public_address)),
    alike("ec2_detailed_monitoring", [OF_INSTANCE], OneOf("Monitoring.State", ("enabled", "pending"))),
    alike("ec2_ebs_optimized", [OF_INSTANCE], Is("EbsOptimized", value=True)),
    alike("ec2_instance_role", [OF_INSTANCE], Filled("IamInstanceProfile.Arn")),
    Check(
        "ec2_volumes_encryption",
        "every volume that is attached is encrypted",
        (INSTANCE,),
        _reading(OF_INSTANCE, ("ec2", "DescribeVolumes")),
        _volumes_encrypted,
    ),
    alike("autoscaling_multi_az", [OF_SCALING_GROUP], Judged("it has two zones or more", _zones)),
    alike("autoscaling_health_check", [OF_SCALING_GROUP], Is("HealthCheckType", "ELB")),
    Check(
        "lambda_policy",
        "no statement of the function's policy lets everybody in",
        (FUNCTION,),
        _reading(OF_FUNCTION, ("lambda", "GetPolicy")),
        _function_policy,
    ),
    Check(
        "lambda_url",
        "AuthType of each URL of the function and its aliases is AWS_IAM",
        (FUNCTION,),
        _reading(OF_FUNCTION, ("lambda", "ListFunctionUrlConfigs")),
        _function_url,
    ),
    alike("lambda_runtime", [OF_FUNCTION], Judged("Runtime is one that is supported", _runtime)),
    alike("lambda_tracing", [OF_FUNCTION], Is("TracingConfig.Mode", "Active")),
    alike("lambda_vpc", [OF_FUNCTION], Filled("VpcConfig.SubnetIds")),
    alike("lambda_dead_letter_queue", [OF_FUNCTION], Filled("DeadLetterConfig.TargetArn")),
    alike("lambda_environment_encryption", [OF_FUNCTION], Filled("KMSKeyArn")),
    alike("lambda_concurrency_limit", [_CONCURRENCY], Between("ReservedConcurrentExecutions", 0)),
    alike("lambda_code_signing", [_SIGNING], Filled("CodeSigningConfigArn")),
    alike("ecr_scan_on_push", [OF_REPOSITORY], Is("imageScanningConfiguration.scanOnPush", value=True)),
    alike("ecr_immutable_tags", [OF_REPOSITORY], Is("imageTagMutability", "IMMUTABLE")),
    alike("ecr_kms_encryption", [OF_REPOSITORY], OneOf("encryptionConfiguration.encryptionType", ("KMS", "KMS_DSSE"))),
    alike("ecr_lifecycle", [_LIFECYCLE], Filled("lifecyclePolicyText")),
    Check(
        "ecr_policy",
        "no statement of the repository's policy lets everybody in",
        (REPOSITORY,),
        _reading(OF_REPOSITORY, ("ecr", "GetRepositoryPolicy")),
        _repository_policy,
    ),
    alike("eks_endpoint", [OF_EKS_CLUSTER], Is("resourcesVpcConfig.endpointPublicAccess", value=False)),
    alike(
        "eks_endpoint_ranges",
        [OF_EKS_CLUSTER],
        Judged("the endpoint is not public, or open to named ranges only", _named_ranges),
    ),
    alike("eks_logging", [OF_EKS_CLUSTER], Judged(f"logged are {', '.join(_CONTROL_PLANE)}", _logs_everything)),
    alike(
        "eks_secrets_encryption", [OF_EKS_CLUSTER], Judged("encryptionConfig has a key for secrets", _secrets_encrypted)
    ),
    alike(
        "ecs_container_insights",
        [OF_ECS_CLUSTER],
        Keyed("settings", "containerInsights", OneOf("value", ("enabled", "enhanced")), key="name"),
    ),
    alike("codebuild_privileged_mode", [OF_BUILD_PROJECT], Is("environment.privilegedMode", value=False)),
    alike(
        "codebuild_logging",
        [OF_BUILD_PROJECT],
        AnyOf((Is("logsConfig.cloudWatchLogs.status", "ENABLED"), Is("logsConfig.s3Logs.status", "ENABLED"))),
    ),
)
