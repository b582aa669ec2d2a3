# Written by `iacfix roles generate --kind verify --kind remediate`: run it again where controls change.

variable "platform_role_arn" {
  description = "The role of the function in the platform account (output function_role_arn of the platform module)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::\\d{12}:role/.+$", var.platform_role_arn))
    error_message = "It has to be the ARN of a role."
  }
}

variable "external_id" {
  description = "A secret of this account and the platform, at least 16 characters."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.external_id) >= 16
    error_message = "At least 16 characters."
  }
}

variable "state_machine_arn" {
  description = "The state machine in the platform account (output state_machine_arn of the platform module)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:states:[a-z0-9-]+:\\d{12}:stateMachine:.+$", var.state_machine_arn))
    error_message = "It has to be the ARN of a state machine."
  }
}

variable "state_machine_role_arn" {
  description = "Its role (output state_machine_role_arn of the platform module)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::\\d{12}:role/.+$", var.state_machine_role_arn))
    error_message = "It has to be the ARN of a role."
  }
}

variable "organization_id" {
  description = "The organisation that the platform account is of."
  type        = string

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "It looks like o-a1b2c3d4e5."
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

resource "aws_iam_role" "verification" {
  name                 = "iacfix-verification"
  description          = "Reads how resources are set, to see whether what was fixed is fixed."
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          AWS = var.platform_role_arn
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "sts:ExternalId"     = var.external_id
            "aws:PrincipalOrgID" = var.organization_id
          }
        }
      },
      {
        Effect = "Allow"
        Principal = {
          AWS = var.platform_role_arn
        }
        Action = "sts:TagSession"
        Condition = {
          StringEquals = {
            "aws:PrincipalOrgID" = var.organization_id
          }
        }
      },
    ]
  })
}

resource "aws_iam_policy" "verification_1" {
  name        = "iacfix-verification-1"
  description = "Reads how resources are set, to see whether what was fixed is fixed."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        "apigateway:GET",
        "autoscaling:DescribeAutoScalingGroups",
        "cloudfront:GetDistributionConfig",
        "cloudtrail:GetTrail",
        "cloudtrail:GetTrailStatus",
        "codebuild:BatchGetProjects",
        "dms:DescribeReplicationInstances",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "ec2:DescribeFlowLogs",
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeTransitGateways",
        "ec2:DescribeVolumes",
        "ec2:DescribeVpcs",
        "ec2:GetEbsEncryptionByDefault",
        "ec2:GetManagedPrefixListEntries",
        "ecr:DescribeRepositories",
        "ecr:GetLifecyclePolicy",
        "ecr:GetRepositoryPolicy",
        "ecs:DescribeClusters",
        "eks:DescribeCluster",
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeReplicationGroups",
        "elasticfilesystem:DescribeAccessPoints",
        "elasticfilesystem:DescribeBackupPolicy",
        "elasticfilesystem:DescribeFileSystems",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "es:DescribeDomain",
        "firehose:DescribeDeliveryStream",
        "guardduty:GetDetector",
        "iam:GetAccountPasswordPolicy",
        "iam:GetAccountSummary",
        "iam:GetGroup",
        "iam:GetGroupPolicy",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:GetUser",
        "iam:GetUserPolicy",
        "iam:ListAttachedGroupPolicies",
        "iam:ListAttachedRolePolicies",
        "iam:ListAttachedUserPolicies",
        "iam:ListGroupPolicies",
        "iam:ListRolePolicies",
        "iam:ListUserPolicies",
        "kafka:DescribeClusterV2",
        "kinesis:DescribeStreamSummary",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "lambda:GetFunctionCodeSigningConfig",
        "lambda:GetFunctionConcurrency",
        "lambda:GetFunctionConfiguration",
        "lambda:GetPolicy",
        "lambda:ListFunctionUrlConfigs",
        "logs:DescribeLogGroups",
        "mq:DescribeBroker",
        "rds:DescribeDBClusterSnapshotAttributes",
        "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshotAttributes",
        "rds:DescribeDBSnapshots",
        "redshift:DescribeClusters",
        "redshift:DescribeLoggingStatus",
        "s3:GetAccountPublicAccessBlock",
        "s3:GetBucketAcl",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "secretsmanager:DescribeSecret",
        "sns:GetTopicAttributes",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "states:DescribeStateMachine",
      ]
      Resource = "*"
      Condition = {
        StringEqualsIfExists = {
          "aws:ResourceAccount" = data.aws_caller_identity.current.account_id
        }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "verification_1" {
  role       = aws_iam_role.verification.name
  policy_arn = aws_iam_policy.verification_1.arn
}

output "verification_role_arn" {
  value = aws_iam_role.verification.arn
}

resource "aws_iam_role" "remediation" {
  name                 = "iacfix-remediation"
  description          = "Starts the runbooks of iacfix and follows them."
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          AWS = var.platform_role_arn
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "sts:ExternalId"     = var.external_id
            "aws:PrincipalOrgID" = var.organization_id
          }
        }
      },
      {
        Effect = "Allow"
        Principal = {
          AWS = var.platform_role_arn
        }
        Action = "sts:TagSession"
        Condition = {
          StringEquals = {
            "aws:PrincipalOrgID" = var.organization_id
          }
        }
      },
      {
        Effect = "Allow"
        Principal = {
          AWS = var.state_machine_role_arn
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "sts:ExternalId"     = var.state_machine_arn
            "aws:PrincipalOrgID" = var.organization_id
          }
        }
      },
    ]
  })
}

resource "aws_iam_policy" "remediation_1" {
  name        = "iacfix-remediation-1"
  description = "Starts the runbooks of iacfix and follows them."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "ssm:AddTagsToResource",
          "ssm:GetAutomationExecution",
          "ssm:StopAutomationExecution",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-execution/*"
      },
      {
        Effect   = "Allow"
        Action   = "iam:PassRole"
        Resource = aws_iam_role.automation.arn
        Condition = {
          StringEquals = {
            "iam:PassedToService" = "ssm.amazonaws.com"
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "remediation_1" {
  role       = aws_iam_role.remediation.name
  policy_arn = aws_iam_policy.remediation_1.arn
}

resource "aws_iam_policy" "remediation_2" {
  name        = "iacfix-remediation-2"
  description = "Starts the runbooks of iacfix and follows them."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "ssm:StartAutomationExecution"
      Resource = [
        "arn:${data.aws_partition.current.partition}:ssm:*::automation-definition/AWS-ConfigureS3BucketVersioning:*",
        "arn:${data.aws_partition.current.partition}:ssm:*::document/AWS-ConfigureS3BucketVersioning",
        "arn:${data.aws_partition.current.partition}:ssm:*::automation-definition/AWS-EnableS3BucketEncryption:*",
        "arn:${data.aws_partition.current.partition}:ssm:*::document/AWS-EnableS3BucketEncryption",
        "arn:${data.aws_partition.current.partition}:ssm:*::automation-definition/AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock:*",
        "arn:${data.aws_partition.current.partition}:ssm:*::document/AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock",
        "arn:${data.aws_partition.current.partition}:ssm:*::automation-definition/AWSConfigRemediation-EnableCloudTrailLogFileValidation:*",
        "arn:${data.aws_partition.current.partition}:ssm:*::document/AWSConfigRemediation-EnableCloudTrailLogFileValidation",
        "arn:${data.aws_partition.current.partition}:ssm:*::automation-definition/AWSConfigRemediation-EnableEbsEncryptionByDefault:*",
        "arn:${data.aws_partition.current.partition}:ssm:*::document/AWSConfigRemediation-EnableEbsEncryptionByDefault",
        "arn:${data.aws_partition.current.partition}:ssm:*::automation-definition/AWSConfigRemediation-EnableKeyRotation:*",
        "arn:${data.aws_partition.current.partition}:ssm:*::document/AWSConfigRemediation-EnableKeyRotation",
        "arn:${data.aws_partition.current.partition}:ssm:*::automation-definition/AWSConfigRemediation-EnablePITRForDynamoDbTable:*",
        "arn:${data.aws_partition.current.partition}:ssm:*::document/AWSConfigRemediation-EnablePITRForDynamoDbTable",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-AuthorizeIngressRules:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-AuthorizeIngressRules",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-DisableDynamoDbPointInTimeRecovery:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-DisableDynamoDbPointInTimeRecovery",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-DisableEbsEncryptionByDefault:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-DisableEbsEncryptionByDefault",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-DisableKmsKeyRotation:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-DisableKmsKeyRotation",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-DynamoDbDeletionProtection:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-DynamoDbDeletionProtection",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-EcrScanOnPush:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-EcrScanOnPush",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-EcrTagMutability:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-EcrTagMutability",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-EncryptKinesisStream:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-EncryptKinesisStream",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-execution/*",
      ]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "remediation_2" {
  role       = aws_iam_role.remediation.name
  policy_arn = aws_iam_policy.remediation_2.arn
}

resource "aws_iam_policy" "remediation_3" {
  name        = "iacfix-remediation-3"
  description = "Starts the runbooks of iacfix and follows them."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "ssm:StartAutomationExecution"
      Resource = [
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-InstanceMetadataTokens:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-InstanceMetadataTokens",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-LambdaTracing:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-LambdaTracing",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-LoadBalancerDeletionProtection:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-LoadBalancerDeletionProtection",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-LoadBalancerDropInvalidHeaders:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-LoadBalancerDropInvalidHeaders",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-RdsBackupRetention:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-RdsBackupRetention",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-RdsClusterCopyTags:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-RdsClusterCopyTags",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-RdsClusterDeletionProtection:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-RdsClusterDeletionProtection",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-RdsCopyTags:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-RdsCopyTags",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-RdsDeletionProtection:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-RdsDeletionProtection",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-RdsIamAuthentication:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-RdsIamAuthentication",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-RdsMinorUpgrades:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-RdsMinorUpgrades",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-RdsPublicAccess:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-RdsPublicAccess",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-RedshiftPublicAccess:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-RedshiftPublicAccess",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-RevokeIngressRules:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-RevokeIngressRules",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-SqsManagedEncryption:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-SqsManagedEncryption",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-execution/*",
      ]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "remediation_3" {
  role       = aws_iam_role.remediation.name
  policy_arn = aws_iam_policy.remediation_3.arn
}

resource "aws_iam_policy" "remediation_4" {
  name        = "iacfix-remediation-4"
  description = "Starts the runbooks of iacfix and follows them."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "ssm:StartAutomationExecution"
      Resource = [
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-StopKinesisEncryption:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-StopKinesisEncryption",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-SubnetPublicIp:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-SubnetPublicIp",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-TrailLogFileValidation:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-TrailLogFileValidation",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-definition/iacfix-TrailMultiRegion:*",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:document/iacfix-TrailMultiRegion",
        "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-execution/*",
      ]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "remediation_4" {
  role       = aws_iam_role.remediation.name
  policy_arn = aws_iam_policy.remediation_4.arn
}

resource "aws_iam_policy" "remediation_5" {
  name        = "iacfix-remediation-5"
  description = "Starts the runbooks of iacfix and follows them."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        "cloudtrail:GetTrail",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "ec2:DescribeInstances",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSubnets",
        "ec2:GetEbsEncryptionByDefault",
        "ecr:DescribeRepositories",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "kinesis:DescribeStreamSummary",
        "kms:GetKeyRotationStatus",
        "lambda:GetFunctionConfiguration",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "redshift:DescribeClusters",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "sqs:GetQueueAttributes",
      ]
      Resource = "*"
      Condition = {
        StringEqualsIfExists = {
          "aws:ResourceAccount" = data.aws_caller_identity.current.account_id
        }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "remediation_5" {
  role       = aws_iam_role.remediation.name
  policy_arn = aws_iam_policy.remediation_5.arn
}

output "remediation_role_arn" {
  value = aws_iam_role.remediation.arn
}

resource "aws_iam_role" "automation" {
  name                 = "iacfix-automation"
  description          = "What the runbooks of iacfix change; Systems Manager takes it on for them."
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        Service = "ssm.amazonaws.com"
      }
      Action = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = data.aws_caller_identity.current.account_id
        }
        ArnLike = {
          "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:ssm:*:${data.aws_caller_identity.current.account_id}:automation-execution/*"
        }
      }
    }]
  })
}

resource "aws_iam_policy" "automation_1" {
  name        = "iacfix-automation-1"
  description = "What the runbooks of iacfix change; Systems Manager takes it on for them."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        "cloudtrail:GetTrail",
        "cloudtrail:UpdateTrail",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:UpdateContinuousBackups",
        "dynamodb:UpdateTable",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:DescribeInstances",
        "ec2:DescribeSubnets",
        "ec2:DisableEbsEncryptionByDefault",
        "ec2:EnableEbsEncryptionByDefault",
        "ec2:GetEbsEncryptionByDefault",
        "ec2:ModifyInstanceMetadataOptions",
        "ec2:ModifySubnetAttribute",
        "ec2:RevokeSecurityGroupIngress",
        "ecr:DescribeRepositories",
        "ecr:PutImageScanningConfiguration",
        "ecr:PutImageTagMutability",
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
        "kinesis:DescribeStreamSummary",
        "kinesis:StartStreamEncryption",
        "kinesis:StopStreamEncryption",
        "kms:DisableKeyRotation",
        "kms:EnableKeyRotation",
        "kms:GetKeyRotationStatus",
        "lambda:GetFunctionConfiguration",
        "lambda:UpdateFunctionConfiguration",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:ModifyDBCluster",
        "rds:ModifyDBInstance",
        "redshift:DescribeClusters",
        "redshift:ModifyCluster",
        "s3:GetAccountPublicAccessBlock",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:PutAccountPublicAccessBlock",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "sqs:GetQueueAttributes",
        "sqs:SetQueueAttributes",
      ]
      Resource = "*"
      Condition = {
        StringEqualsIfExists = {
          "aws:ResourceAccount" = data.aws_caller_identity.current.account_id
        }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "automation_1" {
  role       = aws_iam_role.automation.name
  policy_arn = aws_iam_policy.automation_1.arn
}

output "automation_role_arn" {
  value = aws_iam_role.automation.arn
}
