"""What a fix may say beside itself: a setting that was not written gets the value that AWS gives it anyway.

After AWS's own pages and those of the provider. Only what says nothing new by any account's settings stands here.
"""

from collections.abc import Mapping

from iacfix.iac.values import Known, Value

_METADATA = {
    "http_endpoint": "enabled",  # where versions of its tokens are spoken of, it answers
    "http_protocol_ipv6": "disabled",
    "instance_metadata_tags": "disabled",
}
TERRAFORM: Mapping[str, Mapping[str, str | int | bool]] = {
    "aws_elb": {"access_logs.interval": 60},
    "aws_instance": {f"metadata_options.{name}": value for name, value in _METADATA.items()},
    "aws_launch_template": {f"metadata_options.{name}": value for name, value in _METADATA.items()},
    "aws_s3_bucket_versioning": {"versioning_configuration.mfa_delete": "Disabled"},
}
CLOUDFORMATION: Mapping[str, Mapping[str, str | int | bool]] = {
    "AWS::ElasticLoadBalancing::LoadBalancer": {"AccessLoggingPolicy.EmitInterval": 60},
    "AWS::EC2::LaunchTemplate": {
        "LaunchTemplateData.MetadataOptions.HttpEndpoint": "enabled",
        "LaunchTemplateData.MetadataOptions.HttpProtocolIpv6": "disabled",
        "LaunchTemplateData.MetadataOptions.InstanceMetadataTags": "disabled",
    },
}


def is_so_anyway(anyway: Mapping[str, str | int | bool], path: str, was: Value | None, now: Value | None) -> bool:
    """Whether nothing was written there, and what is written now is what there was."""
    if was is not None or path not in anyway or not isinstance(now, Known) or now.value is None:
        return False
    said = str(now.value).lower() if isinstance(now.value, bool) else str(now.value)
    return said == str(anyway[path])
