resource "aws_sns_topic" "notices" {
  name              = "${var.name}-notices"
  kms_master_key_id = aws_kms_key.this.key_id
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = aws_kms_key.this.key_id
}

resource "aws_sns_topic_policy" "own" {
  for_each = {
    approvals = aws_sns_topic.approvals.arn
    notices   = aws_sns_topic.notices.arn
    alarms    = aws_sns_topic.alarms.arn
  }

  arn = each.value

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "OnlyOverTls"
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = "sns:Publish"
          Resource  = each.value
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
      ],
      each.key != "alarms" ? [] : [
        {
          Sid       = "Alarms"
          Effect    = "Allow"
          Principal = { Service = "cloudwatch.amazonaws.com" }
          Action    = "sns:Publish"
          Resource  = each.value
          Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
        },
      ],
    )
  })
}

locals {
  alarms = {
    dead-letters = {
      description = "Messages could not be dealt with. `iacfix dlq list` shows them, `iacfix dlq replay` sends them again."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = aws_sqs_queue.dead.name }
      statistic   = "Maximum"
      period      = 300
      periods     = 1
      threshold   = 0
    }
    queue-age = {
      description = "The oldest finding has been waiting for more than two hours."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = aws_sqs_queue.findings.name }
      statistic   = "Maximum"
      period      = 300
      periods     = 3
      threshold   = 7200
    }
    errors = {
      description = "The function itself fails, which is no finding's fault. Its log says why."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = var.name }
      statistic   = "Sum"
      period      = 300
      periods     = 2
      threshold   = 0
    }
    throttles = {
      description = "More work arrives than reserved_concurrency lets through."
      namespace   = "AWS/Lambda"
      metric      = "Throttles"
      dimensions  = { FunctionName = var.name }
      statistic   = "Sum"
      period      = 300
      periods     = 3
      threshold   = 0
    }
    stuck = {
      description = "Findings stay in a state that they should leave. `iacfix status` says which."
      namespace   = "iacfix"
      metric      = "Stuck"
      dimensions  = { service = "iacfix" }
      statistic   = "Maximum"
      period      = 86400
      periods     = 1
      threshold   = 0
    }
    remediation = {
      description = "A remediation ended in an error that nothing caught."
      namespace   = "AWS/States"
      metric      = "ExecutionsFailed"
      dimensions  = { StateMachineArn = aws_sfn_state_machine.remediation.arn }
      statistic   = "Sum"
      period      = 300
      periods     = 1
      threshold   = 0
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "these" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "failure_rate" {
  alarm_name          = "${var.name}-failure-rate"
  alarm_description   = "Too many fixes fail. The dashboard shows of which controls."
  evaluation_periods  = 1
  threshold           = var.failure_rate_percent
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "rate"
    label       = "Fixes that fail, in percent"
    expression  = "100 * (FILL(generation, 0) + FILL(location, 0)) / received"
    return_data = true
  }

  metric_query {
    id          = "generation"
    return_data = false

    metric {
      namespace   = "iacfix"
      metric_name = "Findings"
      dimensions  = { State = "fix_generation_failed", service = "iacfix" }
      stat        = "Sum"
      period      = 3600
    }
  }

  metric_query {
    id          = "location"
    return_data = false

    metric {
      namespace   = "iacfix"
      metric_name = "Findings"
      dimensions  = { State = "not_located", service = "iacfix" }
      stat        = "Sum"
      period      = 3600
    }
  }

  metric_query {
    id          = "received"
    return_data = false

    metric {
      namespace   = "iacfix"
      metric_name = "FindingsReceived"
      dimensions  = { service = "iacfix" }
      stat        = "Sum"
      period      = 3600
    }
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = templatefile("${path.module}/../../dashboard.json", {
    Name            = var.name
    Region          = local.region
    StateMachineArn = aws_sfn_state_machine.remediation.arn
  })
}
