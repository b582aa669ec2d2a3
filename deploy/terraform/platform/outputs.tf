output "function_role_arn" {
  description = "What the roles of the member accounts trust (platform_role_arn there)."
  value       = aws_iam_role.function.arn
}

output "events_topic_arn" {
  description = "Where tools of other accounts publish their findings."
  value       = aws_sns_topic.events.arn
}

output "queue_url" {
  value = aws_sqs_queue.findings.url
}

output "dead_letter_queue_url" {
  value = aws_sqs_queue.dead.url
}

output "ledger_address" {
  description = "For `iacfix status --ledger`."
  value       = "dynamodb:${aws_dynamodb_table.ledger.name}"
}

output "audit_bucket_name" {
  value = aws_s3_bucket.audit.bucket
}

output "audit_export_policy_arn" {
  description = "Attach it to whoever runs `iacfix audit export`."
  value       = aws_iam_policy.audit_export.arn
}

output "approval_topic_arn" {
  value = aws_sns_topic.approvals.arn
}

output "notice_topic_arn" {
  value = aws_sns_topic.notices.arn
}

output "alarm_topic_arn" {
  value = aws_sns_topic.alarms.arn
}

output "state_machine_arn" {
  description = "state_machine_arn of the member accounts."
  value       = aws_sfn_state_machine.remediation.arn
}

output "state_machine_role_arn" {
  description = "state_machine_role_arn of the member accounts."
  value       = aws_iam_role.state_machine.arn
}

output "approver_policy_arn" {
  description = "Attach it to whoever runs `iacfix approvals`."
  value       = aws_iam_policy.approver.arn
}

output "dead_letters_policy_arn" {
  description = "Attach it to whoever runs `iacfix dlq`."
  value       = aws_iam_policy.dead_letters.arn
}

output "rules_policy_arn" {
  description = "Attach it to whoever runs `iacfix rules`."
  value       = aws_iam_policy.rules.arn
}

output "webhook_url" {
  value = one([for api in aws_apigatewayv2_api.webhook : "${api.api_endpoint}/findings"])
}
