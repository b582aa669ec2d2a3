resource "aws_kms_key" "invoices" {
  description             = "Signs nothing, encrypts invoices"
  deletion_window_in_days = 30
}
