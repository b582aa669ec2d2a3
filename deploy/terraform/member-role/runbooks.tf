# The runbooks that AWS has none for, in the account whose resources they mend.
resource "aws_ssm_document" "runbook" {
  for_each = fileset("${path.module}/../../runbooks", "*.yaml")

  name            = trimsuffix(each.value, ".yaml")
  document_type   = "Automation"
  document_format = "YAML"
  content         = file("${path.module}/../../runbooks/${each.value}")
}
