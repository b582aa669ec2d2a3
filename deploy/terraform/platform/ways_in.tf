resource "aws_kms_key" "this" {
  description             = "Everything that iacfix keeps and sends."
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Senders"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"] }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = {
          ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:*" }
        }
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_sns_topic" "events" {
  name              = "${var.name}-events"
  kms_master_key_id = aws_kms_key.this.key_id
}

resource "aws_sns_topic_policy" "events" {
  arn = aws_sns_topic.events.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.events.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "AccountsOfTheOrganisation"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.events.arn
        Condition = { StringEquals = { "aws:PrincipalOrgID" = var.organization_id } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "events" {
  topic_arn = aws_sns_topic.events.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.findings.arn
}

resource "aws_sqs_queue" "findings" {
  name              = "${var.name}-findings"
  kms_master_key_id = aws_kms_key.this.key_id
  # Six times the function's time, so that nothing is worked on twice while its batch is still retried.
  visibility_timeout_seconds = 3600
  message_retention_seconds  = 1209600
  receive_wait_time_seconds  = 20

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead" {
  name                       = "${var.name}-findings-dead"
  kms_master_key_id          = aws_kms_key.this.key_id
  visibility_timeout_seconds = 60
  message_retention_seconds  = 1209600
}

resource "aws_sqs_queue_policy" "these" {
  for_each = { findings = aws_sqs_queue.findings, dead = aws_sqs_queue.dead }

  queue_url = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "OnlyOverTls"
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = "sqs:*"
          Resource  = each.value.arn
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
        {
          Sid       = "EventRules"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = each.value.arn
          Condition = {
            StringEquals = { "aws:SourceAccount" = local.account }
            ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${var.name}-*" }
          }
        },
      ],
      each.key == "dead" ? [] : [
        {
          Sid       = "Topic"
          Effect    = "Allow"
          Principal = { Service = "sns.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = each.value.arn
          Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.events.arn } }
        },
      ],
    )
  })
}

locals {
  routes = {
    imported      = "Findings of Security Hub that are open."
    imported-v2   = "Findings of Security Hub in OCSF."
    custom-action = "Findings that a person sends from the console of Security Hub."
    config        = "Resources that a rule of AWS Config finds to be wrong."
    guardduty     = "Findings of GuardDuty."
  }
}

resource "aws_cloudwatch_event_rule" "route" {
  for_each = local.routes

  name          = "${var.name}-${each.key}"
  description   = each.value
  state         = contains(var.routes, each.key) ? "ENABLED" : "DISABLED"
  event_pattern = file("${path.module}/../../event-patterns/${each.key}.json")
}

resource "aws_cloudwatch_event_target" "route" {
  for_each = local.routes

  rule      = aws_cloudwatch_event_rule.route[each.key].name
  target_id = "queue"
  arn       = aws_sqs_queue.findings.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead.arn
  }
}

resource "aws_scheduler_schedule" "pull_security_hub" {
  name                = "${var.name}-pull-security-hub"
  description         = "Pulls what no event told."
  kms_key_arn         = aws_kms_key.this.arn
  schedule_expression = var.pull_schedule

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 30
  }

  target {
    arn      = aws_lambda_function.this.arn
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ iacfix = { pull = "security-hub" } })

    dead_letter_config {
      arn = aws_sqs_queue.dead.arn
    }

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 3600
    }
  }
}

resource "aws_iam_role" "scheduler" {
  name = "${var.name}-scheduler"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  name = "pull"
  role = aws_iam_role.scheduler.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "lambda:InvokeFunction", Resource = aws_lambda_function.this.arn },
      { Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.dead.arn },
      { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = aws_kms_key.this.arn },
    ]
  })
}

# For whoever runs `iacfix dlq`: what is sent again or given up is in the audit record.
resource "aws_iam_policy" "dead_letters" {
  name        = "${var.name}-dlq"
  description = "Sees messages that could not be dealt with, sends them again, or gives them up."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "DeadMessages"
        Effect = "Allow"
        Action = [
          "sqs:ChangeMessageVisibility",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
          "sqs:ListDeadLetterSourceQueues",
          "sqs:ReceiveMessage",
        ]
        Resource = aws_sqs_queue.dead.arn
      },
      {
        Sid      = "SentAgain"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
        Resource = aws_sqs_queue.findings.arn
      },
      {
        Sid      = "DeadLettersLedger"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"]
        Resource = [aws_dynamodb_table.ledger.arn, "${aws_dynamodb_table.ledger.arn}/index/by_state"]
      },
      {
        Sid      = "DeadLettersKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
        Resource = aws_kms_key.this.arn
      },
    ]
  })
}
