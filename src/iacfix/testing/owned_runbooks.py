"""What the runbooks of AWS that we use take and do, by their pages in the reference of AWS. AWS shows their text to
accounts alone, so that these are not its words: the parameters and the calls are those that the pages name.
"""

from collections.abc import Mapping

Document = Mapping[str, object]

_NEEDED = {"AutomationAssumeRole": {"type": "String"}}
_OPTIONAL = {"AutomationAssumeRole": {"type": "String", "default": ""}}
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _document(parameters: Mapping[str, object], service: str, api: str, **inputs: object) -> Document:
    step = {"name": "Change", "action": "aws:executeAwsApi", "inputs": {"Service": service, "Api": api, **inputs}}
    return {
        "schemaVersion": "0.3",
        "assumeRole": "{{ AutomationAssumeRole }}",
        "parameters": parameters,
        "mainSteps": [step],
    }


OWNED: Mapping[str, Document] = {
    "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock": _document(
        {
            **_NEEDED,
            "BucketName": {"type": "String"},
            **{name: {"type": "Boolean", "default": True} for name in _BLOCKS},
        },
        "s3",
        "PutPublicAccessBlock",
        Bucket="{{ BucketName }}",
        PublicAccessBlockConfiguration={name: f"{{{{ {name} }}}}" for name in _BLOCKS},
    ),
    "AWS-ConfigureS3BucketVersioning": _document(
        {
            **_OPTIONAL,
            "BucketName": {"type": "String"},
            "VersioningState": {"type": "String", "default": "Enabled", "allowedValues": ["Enabled", "Suspended"]},
        },
        "s3",
        "PutBucketVersioning",
        Bucket="{{ BucketName }}",
        VersioningConfiguration={"Status": "{{ VersioningState }}"},
    ),
    "AWS-EnableS3BucketEncryption": _document(
        {
            **_OPTIONAL,
            "BucketName": {"type": "String"},
            "SSEAlgorithm": {"type": "String", "default": "AES256", "allowedValues": ["AES256"]},
        },
        "s3",
        "PutBucketEncryption",
        Bucket="{{ BucketName }}",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "{{ SSEAlgorithm }}"}}]
        },
    ),
    "AWSConfigRemediation-EnableKeyRotation": _document(
        {**_NEEDED, "KeyId": {"type": "String"}}, "kms", "EnableKeyRotation", KeyId="{{ KeyId }}"
    ),
    "AWSConfigRemediation-EnableCloudTrailLogFileValidation": _document(
        {**_NEEDED, "TrailName": {"type": "String"}},
        "cloudtrail",
        "UpdateTrail",
        Name="{{ TrailName }}",
        EnableLogFileValidation=True,
    ),
    "AWSConfigRemediation-EnablePITRForDynamoDbTable": _document(
        {**_NEEDED, "TableName": {"type": "String"}},
        "dynamodb",
        "UpdateContinuousBackups",
        TableName="{{ TableName }}",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    ),
    "AWSConfigRemediation-EnableEbsEncryptionByDefault": _document({**_NEEDED}, "ec2", "EnableEbsEncryptionByDefault"),
}
