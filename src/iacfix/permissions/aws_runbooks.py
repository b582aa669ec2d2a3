"""What the runbooks of AWS call, after "Required IAM permissions" of their pages in the Automation runbook reference.

They cannot be read from here, so each that the catalogue uses has a line. What the pages say of `ssm:` is for whoever
starts them, and stands in that role.
"""

from collections.abc import Mapping
from typing import Final

from iacfix.permissions.actions import Call

_CONFIG: Final = "AWSConfigRemediation-"

CALLS: Final[Mapping[str, frozenset[Call]]] = {
    "AWS-ConfigureS3BucketVersioning": frozenset({("s3", "PutBucketVersioning"), ("s3", "GetBucketVersioning")}),
    "AWS-EnableS3BucketEncryption": frozenset({("s3", "PutBucketEncryption"), ("s3", "GetBucketEncryption")}),
    f"{_CONFIG}ConfigureS3BucketPublicAccessBlock": frozenset(
        {("s3", "GetPublicAccessBlock"), ("s3", "PutPublicAccessBlock")}
        | {("s3control", "GetPublicAccessBlock"), ("s3control", "PutPublicAccessBlock")}
    ),
    f"{_CONFIG}EnableCloudTrailLogFileValidation": frozenset(
        {("cloudtrail", "GetTrail"), ("cloudtrail", "UpdateTrail")}
    ),
    f"{_CONFIG}EnableEbsEncryptionByDefault": frozenset(
        {("ec2", "EnableEbsEncryptionByDefault"), ("ec2", "GetEbsEncryptionByDefault")}
    ),
    f"{_CONFIG}EnableKeyRotation": frozenset({("kms", "EnableKeyRotation"), ("kms", "GetKeyRotationStatus")}),
    f"{_CONFIG}EnablePITRForDynamoDbTable": frozenset(
        {("dynamodb", "DescribeContinuousBackups"), ("dynamodb", "UpdateContinuousBackups")}
    ),
}
