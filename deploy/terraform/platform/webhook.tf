# The way in over HTTP: only where its secret is named.

resource "aws_cloudwatch_log_group" "webhook" {
  count = local.has_webhook ? 1 : 0

  name              = "/aws/lambda/${var.name}-webhook"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

# A function of its own, so that a flood from outside takes no turn of those that work on the queue.
resource "aws_lambda_function" "webhook" {
  #checkov:skip=CKV_AWS_272:Lambda knows no code signing for images; name the image by its digest
  count = local.has_webhook ? 1 : 0

  function_name = "${var.name}-webhook"
  description   = "Checks who sends, and takes findings over HTTP."
  package_type  = "Image"
  image_uri     = var.image_uri
  architectures = ["x86_64"]
  role          = aws_iam_role.function.arn
  kms_key_arn   = aws_kms_key.this.arn
  memory_size   = 2048
  # Longer than API Gateway waits: what has begun is ended, and finds itself done when the sender tries again.
  timeout                        = 600
  reserved_concurrent_executions = 5

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
    log_group  = aws_cloudwatch_log_group.webhook[0].name
  }

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = var.security_group_ids
  }

  environment {
    variables = {
      IACFIX_LEDGER                = "dynamodb:${aws_dynamodb_table.ledger.name}"
      IACFIX_IDEMPOTENCY_TABLE     = aws_dynamodb_table.idempotency.name
      IACFIX_WEBHOOK_SECRET_FROM   = "secretsmanager:${var.webhook_secret_arn}"
      POWERTOOLS_SERVICE_NAME      = "iacfix"
      POWERTOOLS_METRICS_NAMESPACE = "iacfix"
    }
  }

  depends_on = [aws_iam_role_policy_attachment.function, aws_iam_role_policy.network]
}

resource "aws_apigatewayv2_api" "webhook" {
  count = local.has_webhook ? 1 : 0

  name          = "${var.name}-webhook"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "webhook" {
  count = local.has_webhook ? 1 : 0

  api_id                 = aws_apigatewayv2_api.webhook[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.webhook[0].arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "webhook" {
  #checkov:skip=CKV_AWS_309:Senders outside AWS cannot sign as IAM does; the function refuses what the secret did not sign
  count = local.has_webhook ? 1 : 0

  api_id    = aws_apigatewayv2_api.webhook[0].id
  route_key = "POST /findings"
  target    = "integrations/${aws_apigatewayv2_integration.webhook[0].id}"
}

resource "aws_apigatewayv2_stage" "webhook" {
  count = local.has_webhook ? 1 : 0

  api_id      = aws_apigatewayv2_api.webhook[0].id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_burst_limit = 20
    throttling_rate_limit  = 10
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.webhook_access[0].arn
    format = jsonencode({
      requestId = "$context.requestId"
      ip        = "$context.identity.sourceIp"
      time      = "$context.requestTime"
      status    = "$context.status"
    })
  }
}

resource "aws_cloudwatch_log_group" "webhook_access" {
  count = local.has_webhook ? 1 : 0

  name              = "/aws/apigateway/${var.name}-webhook"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_lambda_permission" "webhook" {
  count = local.has_webhook ? 1 : 0

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.webhook[0].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.webhook[0].execution_arn}/*/POST/findings"
}
