resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_272:Lambda knows no code signing for images; name the image by its digest
  function_name                  = var.name
  description                    = "Takes findings from the queue, decides, fixes in code and opens pull requests."
  package_type                   = "Image"
  image_uri                      = var.image_uri
  architectures                  = ["x86_64"]
  role                           = aws_iam_role.function.arn
  kms_key_arn                    = aws_kms_key.this.arn
  memory_size                    = 2048
  timeout                        = 600
  reserved_concurrent_executions = var.reserved_concurrency

  ephemeral_storage {
    size = 4096
  }

  tracing_config {
    mode = "Active"
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.dead.arn
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = var.security_group_ids
  }

  environment {
    variables = {
      IACFIX_LEDGER                = "dynamodb:${aws_dynamodb_table.ledger.name}"
      IACFIX_IDEMPOTENCY_TABLE     = aws_dynamodb_table.idempotency.name
      IACFIX_QUEUE                 = aws_sqs_queue.findings.url
      IACFIX_WEBHOOK_SECRET_FROM   = local.has_webhook ? "secretsmanager:${var.webhook_secret_arn}" : ""
      POWERTOOLS_SERVICE_NAME      = "iacfix"
      POWERTOOLS_METRICS_NAMESPACE = "iacfix"
    }
  }

  depends_on = [aws_iam_role_policy_attachment.function, aws_iam_role_policy.network]
}

resource "aws_lambda_event_source_mapping" "findings" {
  event_source_arn        = aws_sqs_queue.findings.arn
  function_name           = aws_lambda_function.this.arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.reserved_concurrency
  }
}

resource "aws_iam_role" "function" {
  name = "${var.name}-function"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "function" {
  role       = aws_iam_role.function.name
  policy_arn = aws_iam_policy.function.arn
}

resource "aws_iam_policy" "function" {
  name = "${var.name}-function"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Queue"
        Effect = "Allow"
        Action = [
          "sqs:ChangeMessageVisibility",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
          "sqs:ReceiveMessage",
        ]
        Resource = aws_sqs_queue.findings.arn
      },
      {
        Sid      = "Send"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = [aws_sqs_queue.dead.arn, aws_sqs_queue.findings.arn]
      },
      {
        Sid    = "Ledger"
        Effect = "Allow"
        Action = [
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:Query",
          "dynamodb:Scan",
          "dynamodb:UpdateItem",
        ]
        Resource = [aws_dynamodb_table.ledger.arn, "${aws_dynamodb_table.ledger.arn}/index/by_state"]
      },
      {
        Sid    = "Idempotency"
        Effect = "Allow"
        Action = [
          "dynamodb:DeleteItem",
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:UpdateItem",
        ]
        Resource = aws_dynamodb_table.idempotency.arn
      },
      {
        Sid      = "Tables"
        Effect   = "Allow"
        Action   = "dynamodb:Scan"
        Resource = [aws_dynamodb_table.ownership.arn, aws_dynamodb_table.exceptions.arn]
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.this.arn
      },
      {
        Sid      = "Notices"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = [aws_sns_topic.notices.arn, aws_sns_topic.approvals.arn]
      },
      {
        Sid    = "MemberAccounts"
        Effect = "Allow"
        Action = ["sts:AssumeRole", "sts:TagSession"]
        Resource = [
          "arn:${local.partition}:iam::*:role/iacfix-verification",
          "arn:${local.partition}:iam::*:role/iacfix-remediation",
        ]
        Condition = { StringEquals = { "aws:ResourceOrgID" = var.organization_id } }
      },
      {
        Sid      = "SecurityHub"
        Effect   = "Allow"
        Action   = ["securityhub:BatchUpdateFindings", "securityhub:GetFindings"]
        Resource = "arn:${local.partition}:securityhub:*:${local.account}:*"
      },
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/lambda/${var.name}*"
      },
      {
        Sid       = "Traces"
        Effect    = "Allow"
        Action    = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource  = "*"
        Condition = local.own_account_only
      },
    ]
  })
}

resource "aws_iam_role_policy" "models" {
  count = local.has_models ? 1 : 0

  name = "models"
  role = aws_iam_role.function.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Models"
      Effect   = "Allow"
      Action   = "bedrock:InvokeModel"
      Resource = var.model_arns
    }]
  })
}

resource "aws_iam_role_policy" "secrets" {
  count = local.has_secrets ? 1 : 0

  name = "secrets"
  role = aws_iam_role.function.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Secrets"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = var.secret_arns
    }]
  })
}

resource "aws_iam_role_policy" "parameters" {
  count = local.has_parameters ? 1 : 0

  name = "parameters"
  role = aws_iam_role.function.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Parameters"
      Effect   = "Allow"
      Action   = "ssm:GetParameter"
      Resource = var.parameter_arns
    }]
  })
}

resource "aws_iam_role_policy" "webhook_secret" {
  count = local.has_webhook ? 1 : 0

  name = "webhook-secret"
  role = aws_iam_role.function.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "WebhookSecret"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = var.webhook_secret_arn
    }]
  })
}

resource "aws_iam_role_policy" "network" {
  count = local.in_vpc ? 1 : 0

  name = "network"
  role = aws_iam_role.function.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Network"
      Effect = "Allow"
      Action = [
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
      ]
      Resource  = "*"
      Condition = local.own_account_only
    }]
  })
}
