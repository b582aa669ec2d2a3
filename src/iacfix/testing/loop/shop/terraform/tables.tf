resource "aws_dynamodb_table" "carts" {
  name         = "shop-carts"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "customer"

  attribute {
    name = "customer"
    type = "S"
  }
}

resource "aws_dynamodb_table" "ratings" {
  name         = "shop-ratings"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "article"

  attribute {
    name = "article"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}
