"""What the function of the platform account calls, by what it is for."""

from typing import Final

from iacfix.permissions.roles import Calls

CALLS: Final[Calls] = {
    "idempotency": frozenset(("dynamodb", each) for each in ("DeleteItem", "GetItem", "PutItem", "UpdateItem")),
    "key": frozenset(("kms", each) for each in ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey")),
    "ledger": frozenset(
        ("dynamodb", each) for each in ("GetItem", "Query", "Scan", "TransactWriteItems", "UpdateItem")
    ),
    "member-accounts": frozenset({("sts", "AssumeRole")}),
    "models": frozenset({("bedrock-runtime", "Converse")}),
    "notices": frozenset({("sns", "Publish")}),
    "queue": frozenset(
        ("sqs", each)
        for each in ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage")
    ),
    "secrets": frozenset({("secretsmanager", "GetSecretValue"), ("ssm", "GetParameter")}),
    "security-hub": frozenset(
        ("securityhub", each)
        for each in ("BatchUpdateFindings", "BatchUpdateFindingsV2", "GetFindings", "GetFindingsV2")
    ),
    "traces": frozenset({("xray", "PutTelemetryRecords"), ("xray", "PutTraceSegments")}),
}
