"""A Terraform repository of any size, the same every time."""

from collections.abc import Iterator

FILES_IN_A_FOLDER = 20

_FILE = """# Service {n}
locals {{
  name_{n} = "service-{n}"

  tags_{n} = {{
    Service     = "service-{n}"
    Environment = var.environment
  }}
}}

resource "aws_s3_bucket" "data_{n}" {{
  bucket = "${{var.environment}}-${{local.name_{n}}}-data"

  tags = merge(local.tags_{n}, {{
    Name = "data-{n}"
  }})
}}

resource "aws_kms_key" "data_{n}" {{
  description             = "Data of service {n}"
  deletion_window_in_days = 30
}}

resource "aws_sqs_queue" "jobs_{n}" {{
  name                       = "service-{n}-jobs"
  visibility_timeout_seconds = {seconds} # long jobs
}}

resource "aws_iam_role" "service_{n}" {{
  name               = "service-{n}"
  assume_role_policy = <<EOF
{{
  "Version": "2012-10-17",
  "Statement": [
    {{ "Effect": "Allow", "Principal": {{ "Service": "ecs.amazonaws.com" }}, "Action": "sts:AssumeRole" }}
  ]
}}
EOF
}}
"""
_VARIABLES = 'variable "environment" {\n  description = "Where this runs"\n  default     = "production"\n}\n'


def files(count: int) -> Iterator[tuple[str, str]]:
    """Path and text of `count` files with four resources each, and of one variables file for each folder."""
    for number in range(count):
        folder = f"stacks/group{number // FILES_IN_A_FOLDER}"
        if number % FILES_IN_A_FOLDER == 0:
            yield f"{folder}/variables.tf", _VARIABLES
        yield f"{folder}/service{number}.tf", _FILE.format(n=number, seconds=30 + number % 90)
