variable "name" {
  description = "What the names of everything begin with."
  type        = string
  default     = "iacfix"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "Small letters, digits and hyphens, at most 31."
  }
}

variable "image_uri" {
  description = "The image of deploy/Dockerfile in a repository of ECR, by digest where it can be."
  type        = string

  validation {
    condition     = can(regex("^\\d{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/.+$", var.image_uri))
    error_message = "It has to be an image in ECR."
  }
}

variable "organization_id" {
  description = "Only roles of accounts of this organisation are taken on, and only its accounts may publish events."
  type        = string

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "It looks like o-a1b2c3d4e5."
  }
}

variable "publisher_account_ids" {
  description = "Accounts of the organisation whose tools publish to the events topic; none means this account alone."
  type        = list(string)
  default     = []
}

variable "access_log_bucket" {
  description = "An existing bucket of this account and region that takes the access log of the audit bucket."
  type        = string
}

variable "model_arns" {
  description = "Models and inference profiles of Bedrock that may be asked; none means recipes alone."
  type        = list(string)
  default     = []
}

variable "secret_arns" {
  description = "Secrets that the function reads, of git hosts and notifiers."
  type        = list(string)
  default     = []
}

variable "parameter_arns" {
  description = "Parameters of Systems Manager that the function reads, for the same."
  type        = list(string)
  default     = []
}

variable "webhook_secret_arn" {
  description = "The secret that senders over HTTP sign with. Empty means that there is no way in over HTTP."
  type        = string
  default     = ""
}

variable "subnet_ids" {
  description = "Subnets to run in, with a way to AWS and to the git host; none means the network of Lambda."
  type        = list(string)
  default     = []
}

variable "security_group_ids" {
  description = "Security groups for these subnets."
  type        = list(string)
  default     = []
}

variable "reserved_concurrency" {
  description = "How many functions work on the queue at once."
  type        = number
  default     = 10

  validation {
    condition     = var.reserved_concurrency >= 2
    error_message = "At least 2."
  }
}

variable "pull_schedule" {
  description = "When findings are pulled from Security Hub, for what no event told."
  type        = string
  default     = "rate(1 day)"
}

variable "routes" {
  description = "Which ways in are open: imported, imported-v2, custom-action, config, guardduty."
  type        = set(string)
  default     = ["imported", "imported-v2", "custom-action"]

  validation {
    condition     = length(setsubtract(var.routes, ["imported", "imported-v2", "custom-action", "config", "guardduty"])) == 0
    error_message = "Only imported, imported-v2, custom-action, config and guardduty."
  }
}

variable "audit_mode" {
  description = "COMPLIANCE means that nobody, not the root user either, can delete a record before its time."
  type        = string
  default     = "GOVERNANCE"

  validation {
    condition     = contains(["GOVERNANCE", "COMPLIANCE"], var.audit_mode)
    error_message = "GOVERNANCE or COMPLIANCE."
  }
}

variable "audit_retention_days" {
  description = "How long a record of the audit cannot be deleted."
  type        = number
  default     = 400
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 400

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "A year or more, and one of the figures that CloudWatch knows."
  }
}

variable "failure_rate_percent" {
  description = "The share of fixes that fail, within an hour, from which it is an alarm."
  type        = number
  default     = 20
}
