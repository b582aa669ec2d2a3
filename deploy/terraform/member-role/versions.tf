# What iacfix may do in a member account. The same as deploy/cloudformation/member-role.yaml; see docs/deploy.md.

terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80, < 7"
    }
  }
}
