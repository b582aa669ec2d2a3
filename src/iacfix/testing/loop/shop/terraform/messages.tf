resource "aws_sqs_queue" "parcels" {
  name                      = "shop-parcels"
  message_retention_seconds = 345600
  sqs_managed_sse_enabled   = false
}

resource "aws_sns_topic" "stock" {
  name = "shop-stock"
}
