# Price lists that partners fetch through the shop.
resource "aws_s3_bucket" "prices" {
  bucket = "shop-prices"
}

# One object for each order; the warehouse writes some of them twice.
resource "aws_s3_bucket" "orders" {
  bucket = "shop-orders"
}
