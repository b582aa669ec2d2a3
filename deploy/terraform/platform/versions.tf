# iacfix in the platform account. The same as deploy/cloudformation/platform.yaml; see docs/deploy.md.

terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80, < 7"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name

  has_parameters = length(var.parameter_arns) > 0
  has_models     = length(var.model_arns) > 0
  has_publishers = length(var.publisher_account_ids) > 0
  has_secrets    = length(var.secret_arns) > 0
  has_webhook    = var.webhook_secret_arn != ""
  in_vpc         = length(var.subnet_ids) > 0

  own_account_only = { StringEqualsIfExists = { "aws:ResourceAccount" = local.account } }
}
