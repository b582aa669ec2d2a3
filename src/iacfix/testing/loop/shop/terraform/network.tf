resource "aws_vpc" "shop" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_security_group" "bastion" {
  name        = "shop-bastion"
  description = "Whoever looks after the shop"
  vpc_id      = aws_vpc.shop.id

  ingress {
    description = "The office"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.20.1.0/24"]
  }

  ingress {
    description = "From the time before the office had a fixed address"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_subnet" "front" {
  vpc_id                  = aws_vpc.shop.id
  cidr_block              = "10.20.8.0/24"
  map_public_ip_on_launch = true
}
