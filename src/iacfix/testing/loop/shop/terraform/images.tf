resource "aws_ecr_repository" "web" {
  name                 = "shop/web"
  image_tag_mutability = "IMMUTABLE"
}

resource "aws_ecr_repository" "jobs" {
  name = "shop/jobs"

  image_scanning_configuration {
    scan_on_push = true
  }
}
