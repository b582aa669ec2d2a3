import io
import json
import zipfile
from typing import Any

from tests.contract.postures.tools import UNTOLD, Made, Posture, arn, client, key, policy, subnets


def _volumes() -> Made:
    ec2 = client("ec2")
    wrong = ec2.create_volume(Size=1, AvailabilityZone="eu-west-1a")["VolumeId"]
    right = ec2.create_volume(Size=1, AvailabilityZone="eu-west-1a", Encrypted=True, KmsKeyId=key())["VolumeId"]
    return Made(
        arn("ec2", f"volume/{wrong}"), arn("ec2", f"volume/{right}"), arn("ec2", "volume/vol-0123456789abcdef0")
    )


def _instances() -> Made:
    ec2, iam = client("ec2"), client("iam")
    profile = iam.create_instance_profile(InstanceProfileName="machine")["InstanceProfile"]["Arn"]
    _, (_, subnet) = subnets()
    right: dict[str, Any] = {
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
        "Monitoring": {"Enabled": True},
        "EbsOptimized": True,
        "IamInstanceProfile": {"Arn": profile},
        "SubnetId": subnet,
        "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": True}}],
    }
    made = [
        ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, **settings)["Instances"][0]["InstanceId"]
        for settings in ({}, right)
    ]
    return Made(
        arn("ec2", f"instance/{made[0]}"), arn("ec2", f"instance/{made[1]}"), arn("ec2", "instance/i-0123456789abcdef0")
    )


def _launch_templates() -> Made:
    made = []
    for name, options in (("wrong", {}), ("right", {"HttpTokens": "required", "HttpPutResponseHopLimit": 1})):
        data = {"ImageId": "ami-12c6146b", **({"MetadataOptions": options} if options else {})}
        answer = client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        made.append(answer["LaunchTemplate"]["LaunchTemplateId"])
    return Made(
        arn("ec2", f"launch-template/{made[0]}"),
        arn("ec2", f"launch-template/{made[1]}"),
        arn("ec2", "launch-template/lt-0123456789abcdef0"),
    )


def _groups() -> Made:
    _, both = subnets()
    made = []
    for name, zones, check in (("wrong", both[:1], "EC2"), ("right", both, "ELB")):
        client("autoscaling").create_launch_configuration(
            LaunchConfigurationName=name, ImageId="ami-12c6146b", InstanceType="t3.micro"
        )
        client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchConfigurationName=name,
            MinSize=0,
            MaxSize=0,
            VPCZoneIdentifier=",".join(zones),
            HealthCheckType=check,
            HealthCheckGracePeriod=60,
        )
        wanted = [name]
        (group,) = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=wanted)["AutoScalingGroups"]
        made.append(group["AutoScalingGroupARN"])
    gone = "autoScalingGroup:12345678-1234-1234-1234-123456789012:autoScalingGroupName/nothing"
    return Made(made[0], made[1], arn("autoscaling", gone))


def _functions() -> Made:
    trust = policy("sts:AssumeRole", {"Service": "lambda.amazonaws.com"})
    role = client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.py", "")
    _, both = subnets()
    right: dict[str, Any] = {
        "Runtime": "python3.13",
        "TracingConfig": {"Mode": "Active"},
        "VpcConfig": {"SubnetIds": list(both), "SecurityGroupIds": ["sg-12345678"]},
        "KMSKeyArn": key(),
    }
    functions = client("lambda")
    for name, settings in (("wrong", {"Runtime": "python3.8"}), ("right", right)):
        functions.create_function(
            FunctionName=name,
            Role=role,
            Handler="a.b",
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": {"PASSWORD": "hunter2hunter2"}},
            **settings,
        )
        who = "*" if name == "wrong" else "s3.amazonaws.com"
        functions.add_permission(FunctionName=name, StatementId="calls", Action="lambda:InvokeFunction", Principal=who)
    functions.put_function_concurrency(FunctionName="right", ReservedConcurrentExecutions=5)
    return Made(arn("lambda", "function:wrong"), arn("lambda", "function:right"), arn("lambda", "function:nothing"))


def _repositories() -> Made:
    ecr = client("ecr")
    ecr.create_repository(repositoryName="team/wrong")
    ecr.create_repository(
        repositoryName="team/right",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        encryptionConfiguration={"encryptionType": "KMS", "kmsKey": key()},
    )
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 9},
        "action": {"type": "expire"},
    }
    ecr.put_lifecycle_policy(repositoryName="team/right", lifecyclePolicyText=json.dumps({"rules": [rule]}))
    ecr.set_repository_policy(repositoryName="team/wrong", policyText=policy("ecr:BatchGetImage", "*"))
    ecr.set_repository_policy(repositoryName="team/right", policyText=policy("ecr:BatchGetImage"))
    return Made(
        arn("ecr", "repository/team/wrong"), arn("ecr", "repository/team/right"), arn("ecr", "repository/team/nothing")
    )


def _eks() -> Made:
    _, both = subnets()
    role = arn("iam", "role/eks", region="")
    logged = {"types": ["api", "audit", "authenticator", "controllerManager", "scheduler"], "enabled": True}
    right: dict[str, Any] = {
        "logging": {"clusterLogging": [logged]},
        "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": key()}}],
    }
    for name, settings in (("wrong", {}), ("right", right)):
        networks = {"subnetIds": list(both), "endpointPublicAccess": not settings, "endpointPrivateAccess": True}
        client("eks").create_cluster(name=name, roleArn=role, resourcesVpcConfig=networks, **settings)
    return Made(arn("eks", "cluster/wrong"), arn("eks", "cluster/right"), arn("eks", "cluster/nothing"))


def _ecs() -> Made:
    client("ecs").create_cluster(clusterName="wrong")
    client("ecs").create_cluster(clusterName="right", settings=[{"name": "containerInsights", "value": "enabled"}])
    return Made(arn("ecs", "cluster/wrong"), arn("ecs", "cluster/right"), arn("ecs", "cluster/nothing"))


def _projects() -> Made:
    for name, settings in (("wrong", {}), ("right", {"logsConfig": {"cloudWatchLogs": {"status": "ENABLED"}}})):
        client("codebuild").create_project(
            name=name,
            source={"type": "S3", "location": "bucket/path"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
                "privilegedMode": not settings,
            },
            serviceRole=arn("iam", "role/service-role/builds", region=""),
            **settings,
        )
    return Made(arn("codebuild", "project/wrong"), arn("codebuild", "project/right"), UNTOLD)


POSTURES = (
    Posture(_volumes, ("ebs-volume-encryption", "ebs-volume-customer-key")),
    Posture(
        _instances,
        (
            *("ec2-imdsv2", "ec2-no-public-ip", "ec2-detailed-monitoring", "ec2-ebs-optimized", "ec2-instance-role"),
            *("ec2-root-volume-encryption",),
        ),
    ),
    Posture(_launch_templates, ("ec2-imdsv2", "ec2-metadata-hop-limit")),
    Posture(_groups, ("autoscaling-multi-az", "autoscaling-load-balancer-health-check")),
    Posture(
        _functions,
        (
            *("lambda-supported-runtime", "lambda-tracing", "lambda-vpc"),
            *("lambda-environment-encryption", "lambda-permission-not-public"),
            *("lambda-concurrency-limit",),
        ),
    ),
    Posture(
        _repositories,
        ("ecr-scan-on-push", "ecr-immutable-tags", "ecr-kms-encryption", "ecr-lifecycle", "ecr-not-public"),
    ),
    Posture(
        _eks,
        (
            *("eks-no-public-endpoint", "eks-public-endpoint-ranges", "eks-control-plane-logging"),
            *("eks-secrets-encryption",),
        ),
    ),
    Posture(_ecs, ("ecs-container-insights",)),
    Posture(_projects, ("codebuild-no-privileged-mode", "codebuild-logging")),
)
