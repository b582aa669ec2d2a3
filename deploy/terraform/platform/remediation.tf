resource "aws_sns_topic" "approvals" {
  name              = "${var.name}-approvals"
  kms_master_key_id = aws_kms_key.this.key_id
}

resource "aws_cloudwatch_log_group" "state_machine" {
  name              = "/aws/vendedlogs/states/${var.name}-remediation"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_sfn_state_machine" "remediation" {
  name     = "${var.name}-remediation"
  role_arn = aws_iam_role.state_machine.arn

  definition = templatefile("${path.module}/../../statemachine/remediation.asl.json", {
    ApprovalTopicArn  = aws_sns_topic.approvals.arn
    VerifyFunctionArn = aws_lambda_function.this.arn
  })

  tracing_configuration {
    enabled = true
  }

  logging_configuration {
    level                  = "ALL"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.state_machine.arn}:*"
  }

  depends_on = [aws_iam_role_policy_attachment.state_machine]
}

resource "aws_iam_role" "state_machine" {
  name = "${var.name}-remediation-flow"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "state_machine" {
  role       = aws_iam_role.state_machine.name
  policy_arn = aws_iam_policy.state_machine.arn
}

resource "aws_iam_policy" "state_machine" {
  name = "${var.name}-remediation-flow"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Approval", Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.approvals.arn },
      { Sid = "Function", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = aws_lambda_function.this.arn },
      { Sid = "FlowKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = aws_kms_key.this.arn },
      {
        Sid       = "Remediation"
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Resource  = "arn:${local.partition}:iam::*:role/iacfix-remediation"
        Condition = { StringEquals = { "aws:ResourceOrgID" = var.organization_id } }
      },
      {
        Sid    = "LogDelivery"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:DescribeLogGroups",
          "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:UpdateLogDelivery",
        ]
        Resource  = "*"
        Condition = local.own_account_only
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

# For people who run `iacfix approvals`; the function approves nothing.
resource "aws_iam_policy" "approver" {
  name        = "${var.name}-approver"
  description = "Sees what waits for approval, and answers it."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Approvals"
        Effect    = "Allow"
        Action    = ["states:SendTaskFailure", "states:SendTaskSuccess"]
        Resource  = "*"
        Condition = local.own_account_only
      },
      {
        Sid      = "Waiting"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
        Resource = [aws_dynamodb_table.ledger.arn, "${aws_dynamodb_table.ledger.arn}/index/by_state"]
      },
      {
        Sid      = "ApproverKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
        Resource = aws_kms_key.this.arn
      },
    ]
  })
}

# For whoever runs `iacfix rules`.
resource "aws_iam_policy" "rules" {
  name        = "${var.name}-rules"
  description = "Keeps the automation rules of Security Hub as they are written down."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NewRules"
        Effect    = "Allow"
        Action    = ["securityhub:CreateAutomationRule", "securityhub:ListAutomationRules"]
        Resource  = "*"
        Condition = local.own_account_only
      },
      {
        Sid    = "Rules"
        Effect = "Allow"
        Action = [
          "securityhub:BatchDeleteAutomationRules",
          "securityhub:BatchGetAutomationRules",
          "securityhub:BatchUpdateAutomationRules",
        ]
        Resource = "arn:${local.partition}:securityhub:*:${local.account}:automation-rule/*"
      },
    ]
  })
}
