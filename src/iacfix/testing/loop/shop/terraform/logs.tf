resource "aws_cloudwatch_log_group" "web" {
  name              = "/shop/web"
  retention_in_days = 7
}
