"""What the generated repository is made of. TEAM, NUMBER and SECONDS are filled in."""

SETTINGS = """terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.40"
    }
  }

  backend "s3" {
    key = "TEAM/terraform.tfstate"
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

variable "region" {
  description = "Where this runs"
  type        = string
  default     = "eu-west-1"
}

variable "environment" {
  description = <<-EOT
    One of:
      - "development", which is deleted every night {
      - "production"
  EOT
  type        = string
  default     = "development"

  validation {
    condition     = contains(["development", "production"], var.environment)
    error_message = "The environment is development or production."
  }
}

variable "team" {
  type = string
}

variable "retention" {
  description = "Days that logs are kept"
  type        = number
  default     = 30
}

locals {
  prefix = "acme-${var.team}"

  tags = {
    Team        = var.team
    Environment = var.environment
    "cost:unit" = "unit-${var.team}"
  }
}

data "aws_caller_identity" "current" {}
"""

VALUES = """# Production of TEAM
environment = "production"
team        = "TEAM"
retention   = 90
"""

_STORAGE = """# Data of service NUMBER
resource "aws_s3_bucket" "data_NUMBER" {
  bucket = "${var.environment}-${local.prefix}-data-NUMBER"

  tags = merge(local.tags, {
    Name = "data-NUMBER"
  })
}

resource "aws_s3_bucket_public_access_block" "data_NUMBER" {
  bucket = aws_s3_bucket.data_NUMBER.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "data_NUMBER" {
  bucket = aws_s3_bucket.data_NUMBER.id
  policy = data.aws_iam_policy_document.data_NUMBER.json
}

data "aws_iam_policy_document" "data_NUMBER" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.data_NUMBER.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_dynamodb_table" "index_NUMBER" {
  name         = "TEAM-index-NUMBER"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }
}
"""

_WORKER = """/* Jobs of service NUMBER:
   a queue for each kind of job { and one function } */
resource "aws_sqs_queue" "jobs_NUMBER" {
  for_each = toset(["orders", "refunds"])

  name                       = "${var.team}-${each.key}-NUMBER"
  visibility_timeout_seconds = SECONDS # long jobs
  redrive_policy             = jsonencode({ maxReceiveCount = 4 })
}

resource "aws_lambda_function" "work_NUMBER" {
  function_name = "TEAM-worker-NUMBER"
  role          = aws_iam_role.work_NUMBER.arn
  handler       = "worker.handle"
  runtime       = "python3.12"
  filename      = "${path.module}/worker.zip"
  timeout       = SECONDS

  environment {
    variables = {
      QUEUES    = join(",", [for queue in aws_sqs_queue.jobs_NUMBER : queue.url])
      LOG_LEVEL = var.environment == "production" ? "INFO" : "DEBUG"
    }
  }
}

resource "aws_iam_role" "work_NUMBER" {
  name               = "TEAM-worker-NUMBER"
  assume_role_policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }
  ]
}
EOF
}

resource "aws_iam_role_policy" "work_NUMBER" {
  role = aws_iam_role.work_NUMBER.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
      Resource = [for queue in aws_sqs_queue.jobs_NUMBER : queue.arn]
    }]
  })
}
"""

_WEB = """# Front of service NUMBER
variable "web_NUMBER_ports" {
  type = map(number)
  default = {
    http  = 80
    https = 443
  }
}

resource "aws_security_group" "web_NUMBER" {
  name_prefix = "TEAM-web-NUMBER-"
  description = "Web of service NUMBER"

  dynamic "ingress" {
    for_each = var.web_NUMBER_ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"] // the office
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "web_NUMBER" {
  name              = "/acme/${var.environment}/${var.team}-web-NUMBER"
  retention_in_days = var.retention
}

resource "aws_sns_topic" "alerts_NUMBER" {
  name = format("%s-alerts-%d", local.prefix, NUMBER)
}

resource "aws_cloudwatch_metric_alarm" "web_NUMBER" {
  count = var.environment == "production" ? 1 : 0

  alarm_name          = "TEAM-web-NUMBER-errors"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  metric_name         = "5XXError"
  namespace           = "AWS/ApplicationELB"
  period              = 60
  statistic           = "Sum"
  threshold           = SECONDS
  alarm_actions       = [aws_sns_topic.alerts_NUMBER.arn]
}

output "web_NUMBER_group" {
  description = "The group of service NUMBER"
  value       = aws_security_group.web_NUMBER.id
}
"""

_ARCHIVE = """# Archive of service NUMBER
module "archive_NUMBER" {
  source = "../modules/archive"

  name = "${local.prefix}-archive-NUMBER"
  days = 30 + SECONDS
  tags = merge(local.tags, { Service = "NUMBER" })
}

module "intake_NUMBER" {
  source = "../modules/intake"

  name       = "${local.prefix}-archive-NUMBER-in"
  bucket_arn = module.archive_NUMBER.arn
}

moved {
  from = module.store_NUMBER
  to   = module.archive_NUMBER
}
"""

SERVICES = {"storage": _STORAGE, "worker": _WORKER, "web": _WEB, "archive": _ARCHIVE}

MODULES = {
    "archive/main.tf": """resource "aws_s3_bucket" "this" {
  bucket = var.name
  tags   = var.tags
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "cold"
    status = "Enabled"

    transition {
      days          = var.days
      storage_class = "GLACIER"
    }
  }
}
""",
    "archive/variables.tf": """variable "name" {
  description = "Name of the bucket"
  type        = string
}

variable "days" {
  description = "Days until objects are cold"
  type        = number
  default     = 90
}

variable "tags" {
  type    = map(string)
  default = {}
}
""",
    "archive/outputs.tf": """output "arn" {
  value = aws_s3_bucket.this.arn
}
""",
    "intake/main.tf": """resource "aws_sqs_queue" "this" {
  name                    = var.name
  sqs_managed_sse_enabled = true
}
""",
    "intake/variables.tf": """variable "name" {
  type = string
}

variable "bucket_arn" {
  type = string
}
""",
    "intake/outputs.tf": """output "url" {
  value = aws_sqs_queue.this.url
}
""",
}
