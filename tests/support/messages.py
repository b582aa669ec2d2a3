"""Messages as they really arrive, in every envelope: what tests of the readers and the fuzzer start from."""

import json
from collections.abc import Mapping

Json = dict[str, object]
ACCOUNT, REGION = "111122223333", "eu-west-1"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:findings"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:wiz-issues"


def wiz_issue(**changes: object) -> Json:
    """Wiz's default body for an automation rule, with changes to whole objects."""
    return {
        "trigger": {"source": "ISSUES", "type": "CREATED", "ruleId": "r-1", "ruleName": "iacfix"},
        "issue": {
            "id": "b1f6c0f2-7c55-4f0e-8f31-2f1d3a9a5b10",
            "status": "OPEN",
            "severity": "HIGH",
            "created": "2026-10-02T08:15:30.123456Z",
            "projects": "payments, ",
        },
        "resource": {
            "id": "arn:aws:s3:::acme-logs",
            "name": "acme-logs",
            "type": "bucket",
            "cloudPlatform": "AWS",
            "subscriptionId": ACCOUNT,
            "subscriptionName": "acme-prod",
            "region": REGION,
            "status": "Active",
            "cloudProviderURL": "https://s3.console.aws.amazon.com/s3/buckets/acme-logs",
        },
        "control": {
            "id": "wc-id-1234",
            "name": "Buckets of payments are closed",
            "description": "",
            "severity": "HIGH",
            "sourceCloudConfigurationRuleId": "S3-011",
            "sourceCloudConfigurationRuleName": "S3 bucket should have all 'Block public access' settings enabled",
        },
    } | changes


def wiz_snapshot() -> Json:
    """An older body, and what the API answers."""
    return {
        "id": "issue-2",
        "status": "OPEN",
        "severity": "CRITICAL",
        "createdAt": "2026-10-02T08:15:30Z",
        "sourceRule": {"__typename": "Control", "id": "wc-id-9", "name": "S3 bucket versioning should be enabled"},
        "entitySnapshot": {
            "id": "3f0e6c1c-graph-node",
            "type": "BUCKET",
            "nativeType": "bucket",
            "name": "acme-logs",
            "providerId": "acme-logs",
            "cloudPlatform": "AWS",
            "region": REGION,
            "subscriptionExternalId": ACCOUNT,
            "tags": {"Team": "shop", "Environment": "production"},
        },
    }


def config_change(**changes: object) -> Json:
    qualifier = {
        "configRuleName": "securityhub-s3-bucket-versioning-enabled-1a2b3c4d",
        "resourceType": "AWS::S3::Bucket",
        "resourceId": "acme-logs",
    }
    return {
        **qualifier,
        "awsAccountId": ACCOUNT,
        "awsRegion": REGION,
        "configRuleARN": f"arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-9rpvxc",
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": {
            "evaluationResultIdentifier": {
                "evaluationResultQualifier": qualifier,
                "orderingTimestamp": "2026-09-27T19:48:40.619Z",
            },
            "complianceType": "NON_COMPLIANT",
            "resultRecordedTime": "2026-09-27T19:48:41.405Z",
            "configRuleInvokedTime": "2026-09-27T19:48:40.914Z",
        },
        "notificationCreationTime": "2026-09-27T19:48:42.620Z",
        "recordVersion": "1.0",
    } | changes


def threat(**changes: object) -> Json:
    return {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "id": "49514155ed6b4536b05649a87fc3c05a",
        "arn": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/12cc51e1/finding/49514155ed6b4536b05649a87fc3c05a",
        "type": "UnauthorizedAccess:EC2/SSHBruteForce",
        "resource": {
            "resourceType": "Instance",
            "instanceDetails": {
                "instanceId": "i-0123456789abcdef0",
                "tags": [{"key": "Team", "value": "shop"}],
            },
        },
        "service": {"serviceName": "guardduty", "archived": False, "count": 1, "resourceRole": "TARGET"},
        "severity": 8,
        "createdAt": "2026-08-22T01:40:09.989Z",
        "updatedAt": "2026-08-22T02:40:09.989Z",
        "title": "An instance is the target of SSH brute force attacks.",
        "description": "",
    } | changes


def asff_finding(**changes: object) -> Json:
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:security-control/S3.14/finding/1",
        "ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/securityhub",
        "ProductName": "Security Hub",
        "GeneratorId": "security-control/S3.14",
        "AwsAccountId": ACCOUNT,
        "UpdatedAt": "2026-05-01T10:00:00.000Z",
        "Severity": {"Label": "MEDIUM"},
        "Title": "S3 general purpose buckets should have versioning enabled",
        "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::acme-logs", "Region": REGION}],
        "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.14"},
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    } | changes


def ocsf_finding(**changes: object) -> Json:
    """As Security Hub V2 sends it: the resource by its id, and the ARN beside it."""
    return {
        "activity_id": 2,
        "category_uid": 2,
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "severity": "High",
        "severity_id": 4,
        "status": "New",
        "status_id": 1,
        "time_dt": "2026-05-25T10:00:00Z",
        "metadata": {
            "product": {"name": "Security Hub", "uid": f"arn:aws:securityhub:{REGION}::productv2/aws/securityhub"},
            "uid": "f" * 64,
            "version": "1.8.0",
        },
        "cloud": {"account": {"uid": ACCOUNT}, "provider": "AWS", "region": REGION},
        "finding_info": {
            "analytic": {"category": "AWS::Config::ConfigRule", "name": "securityhub-s3-bucket-versioning-enabled-1"},
            "title": "S3 general purpose buckets should have versioning enabled",
            "types": ["Posture Management"],
            "uid": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:security-control/S3.14/finding/2",
        },
        "resources": [
            {
                "type": "AWS::S3::Bucket",
                "uid": "acme-logs",
                "uid_alt": "arn:aws:s3:::acme-logs",
                "region": REGION,
                "owner": {"account": {"uid": ACCOUNT}},
                "tags": [{"name": "Team", "value": "shop"}],
            }
        ],
        "compliance": {"control": "S3.14", "status": "Fail"},
        "remediation": {"references": ["https://docs.aws.amazon.com/console/securityhub/S3.14/remediation"]},
    } | changes


def checkov_report() -> Json:
    check = {
        "check_id": "CKV_AWS_21",
        "check_name": "Ensure all data stored in the S3 bucket have versioning enabled",
        "check_result": {"result": "FAILED"},
        "severity": None,
        "file_path": "/main.tf",
        "file_line_range": [1, 9],
        "resource": "module.logs.aws_s3_bucket.this[0]",
        "guideline": "https://docs.example.com/s3-16",
    }
    return {"check_type": "terraform", "results": {"failed_checks": [check]}, "summary": {"failed": 1}}


def trivy_report() -> Json:
    misconfiguration = {
        "Type": "Terraform Security Check",
        "ID": "AWS-0090",
        "Title": "S3 Data should be versioned",
        "Severity": "MEDIUM",
        "PrimaryURL": "https://avd.example.com/misconfig/aws-0090",
        "Status": "FAIL",
        "CauseMetadata": {"Resource": "aws_s3_bucket.logs", "StartLine": 1, "EndLine": 9},
    }
    found = {"Target": "main.tf", "Class": "config", "Misconfigurations": [misconfiguration]}
    return {"SchemaVersion": 2, "ArtifactName": ".", "Results": [found]}


def sarif_log() -> Json:
    rule = {"id": "CKV_AWS_21", "shortDescription": {"text": "Versioning"}, "properties": {"security-severity": "5.5"}}
    place = {"artifactLocation": {"uri": "main.tf"}, "region": {"startLine": 1, "endLine": 9}}
    result = {"ruleId": "CKV_AWS_21", "ruleIndex": 0, "level": "error", "locations": [{"physicalLocation": place}]}
    driver = {"name": "Checkov", "rules": [rule]}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": [result]}]}


def of_every_format() -> tuple[Json, ...]:
    """One of each, as it stands in a file."""
    clouds = (asff_finding(), ocsf_finding(), config_change(), threat(), wiz_issue(), wiz_snapshot())
    return (*clouds, checkov_report(), trivy_report(), sarif_log())


def event(kind: str, source: str, detail: object, **changes: object) -> Json:
    """As EventBridge sends it."""
    return {
        "version": "0",
        "id": "8e5622f9-d81c-4d81-612a-9319e7ee2506",
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": "2026-05-25T10:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": detail,
    } | changes


def imported(*findings: object, kind: str = "Imported") -> Json:
    return event(f"Security Hub Findings - {kind}", "aws.securityhub", {"findings": list(findings)})


def events() -> Mapping[str, Json]:
    """One event of each shape that AWS sends."""
    action = imported(asff_finding(), kind="Custom Action")
    return {
        "security_hub_imported": imported(asff_finding()),
        "security_hub_custom_action": action | {"resources": ["arn:aws:securityhub:::action/custom/fix"]},
        "security_hub_v2": event("Findings Imported V2", "aws.securityhub", {"findings": [ocsf_finding()]}),
        "config_compliance": event("Config Rules Compliance Change", "aws.config", config_change()),
        "guardduty_finding": event("GuardDuty Finding", "aws.guardduty", threat()),
    }


def notification(message: object, **changes: object) -> Json:
    """SNS, wrapped: what stands in the queue where raw delivery is off."""
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Wiz",
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": "2026-05-02T00:54:06.655Z",
        "SignatureVersion": "1",
    } | changes


def sqs(*bodies: object) -> Json:
    """What Lambda gets for a batch of a queue."""
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": "handle",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": QUEUE,
                "awsRegion": REGION,
            }
            for number, body in enumerate(bodies, 1)
        ]
    }


def sns(*messages: object) -> Json:
    """What Lambda gets from a topic."""
    return {
        "Records": [
            {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": TOPIC, "Sns": notification(each)}
            for each in messages
        ]
    }
