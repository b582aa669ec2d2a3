"""Each script on a repository of a few files: that it runs, and tells what it should."""

import json
from pathlib import Path

import pytest
from benchmarks import crosswalk, fixing, index, located, prompt_size, real_code, recipes_alone, round_trip

pytestmark = pytest.mark.long

QUEUE = """resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_ebs_volume" "d" {
  availability_zone = "eu-west-1a"
  size              = 8
}
"""
BUCKET = 'resource "aws_s3_bucket" "{0}" {{\n  bucket = "{1}"\n}}\n'


def test_a_figure_meets_its_bar_or_not() -> None:
    assert index.Row("a", "b", 2, 2).met == "yes"
    assert index.Row("a", "b", 2, 1).met == "**no**"
    assert index.Row("a", "b", 14, 15, more=True).met == "**no**"
    assert index.Row("a", "b", 14).met == ""


def test_the_index_is_measured() -> None:
    rows = [*index.measure(3, 1), *index.linearity([2, 4], 1)]
    assert len(rows) == 8
    assert all(row.figure > 0 for row in rows)
    assert "| cold index | raw tree-sitter |" in index.page(rows, 3, 1)


def test_fixes_are_measured() -> None:
    rows = fixing.measure(11, 1)
    assert all(row.figure > 0 for row in rows)
    assert "| one finding fixed | cold index |" in fixing.page(rows, 11, 1)


def test_prompts_are_measured_and_keep_to_their_budget() -> None:
    found = prompt_size.measure([60, 200])
    assert len(found) == 8
    assert all(0 < size.first <= 2_500 < size.retry + 2_000 for size in found)
    assert "| Terraform | 199 |" in prompt_size.page(found)


def code(tmp_path: Path, **texts: str) -> Path:
    tmp_path.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (tmp_path / f"{name.replace('_', '.')}").write_text(text)
    return tmp_path


def marks(repository: located.Repository) -> dict[str, str]:
    return {f"{each.case.path} {each.case.address}": each.mark for each in repository.judged}


def test_a_name_that_stands_once_is_located(tmp_path: Path) -> None:
    found = located.measure(code(tmp_path, main_tf=BUCKET.format("one", "logs-of-one")))
    assert marks(found) == {"main.tf aws_s3_bucket.one": "located"}


def test_a_name_that_stands_twice_is_rightly_ambiguous(tmp_path: Path) -> None:
    texts = {"a_tf": BUCKET.format("one", "shared-name"), "b_tf": BUCKET.format("two", "shared-name")}
    found = located.measure(code(tmp_path, **texts))
    assert set(marks(found).values()) == {"rightly ambiguous"}


def test_a_file_that_does_not_parse_is_named_with_its_line(tmp_path: Path) -> None:
    found = located.measure(code(tmp_path, main_tf='resource "a" "b" {\n  c = = 1\n}\n'))
    (unread,) = found.parsed.unread
    assert (unread.path, unread.line) == ("main.tf", 2)
    assert "| main.tf | 2 |" in located.page([found])


def test_templates_are_counted(tmp_path: Path) -> None:
    template = "Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: logs-of-one\n"
    found = located.measure(code(tmp_path, stack_yaml=template, other_yaml="a: 1\n"))
    assert (len(found.parsed.templates), found.parsed.resources, len(found.judged)) == (1, 1, 1)


def test_a_folder_that_is_not_there_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such folder"):
        real_code.existing([str(tmp_path / "nothing")])


def test_edits_go_there_and_back(tmp_path: Path) -> None:
    texts = {
        "main_tf": "\ufeff" + BUCKET.format("one", "lögs").replace("\n", "\r\n"),
        "terraform_tfvars": 'name = "x"\n',
        "more_tf.json": '{"variable": {"a": {"default": 1}}}',
        "stack_json": '{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}',
    }
    found = round_trip.measure(code(tmp_path, **texts))
    assert found.files == 4
    assert {trip.mark for trip in found.trips} == {"same bytes"}, found.trips
    assert "| all | 4 |" in round_trip.page([found])


def test_each_finding_leads_to_its_control_or_to_the_reason_that_there_is_none(tmp_path: Path) -> None:
    def finding(name: str, generator: str, kind: str, **changes: object) -> None:
        product = "arn:aws:securityhub:eu-west-1::product/aws/securityhub"
        entry = {
            "Id": name,
            "Title": name,
            "GeneratorId": generator,
            "ProductArn": product,
            "SchemaVersion": "2018-10-08",
        }
        resources = [{"Type": kind, "Id": "arn:aws:x:::y"}]
        (tmp_path / f"{name}.json").write_text(json.dumps(entry | {"Resources": resources} | changes))

    finding("a", "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/2.8", "AwsKmsKey")
    finding("b", "aws-foundational-security-best-practices/v/1.0.0/EC2.3", "AwsEc2Volume")
    finding("c", "pci-dss/v/3.2.1/PCI.IAM.7", "AwsIamUser")
    finding("d", "security-control/Nothing.1", "AwsX")
    finding("e", "security-control/KMS.4", "AwsKmsKey", RecordState="ARCHIVED")
    (tmp_path / "f.json").write_text("[")
    rows = crosswalk.measure(tmp_path)
    assert [(row.standing, row.control) for row in rows] == [
        ("known", "kms-key-rotation"),
        ("declined", "ebs-volume-encryption"),
        ("beyond code", ""),
        ("unsupported", ""),
        ("known", "kms-key-rotation"),
        ("not read", ""),
    ]
    assert all(row.reason for row in rows if row.standing != "known")
    text = crosswalk.page(rows, tmp_path.name)
    assert "| a.json | CIS.1.2.0/2.8 | AwsKmsKey | known | kms-key-rotation |" in text
    assert "| known | 2 |" in text


def test_recipes_are_measured_beside_what_a_judge_says(tmp_path: Path) -> None:
    code(tmp_path / "corpus" / "shop", main_tf=QUEUE)
    common = {"corpus": "shop", "framework": "terraform", "file": "main.tf", "scope": "module", "check_name": "n"}
    queue = {**common, "id": "q", "check_id": "CKV_AWS_27", "resource": "aws_sqs_queue.jobs", "line_range": [1, 3]}
    disk = {**common, "id": "d", "check_id": "CKV_AWS_3", "resource": "aws_ebs_volume.d", "line_range": [5, 8]}
    cases = tmp_path / "few.jsonl"
    cases.write_text("".join(f"{json.dumps({**each, 'fix': 'needs-value'})}\n" for each in (queue, disk)))
    rows = list(recipes_alone.measure(cases, tmp_path / "corpus", {"kms_key": "alias/shop"}))
    recipes_alone.keep(rows, tmp_path / "diffs")
    kept = [json.loads(line) for line in (tmp_path / "diffs" / "few.jsonl").read_text().splitlines()]
    assert [(each["id"], bool(each["diff"])) for each in kept] == [("q", True), ("d", False)]
    said = {"q": {"clean": True, "changed_lines": 2, "cheats": [], "flags": []}}
    told = recipes_alone.page(rows, rows, said)
    assert "| few | needs-value | 2 | 1 | 1 | 50% | 0 | 0 | 0 | 2 | 1 | 0 |" in told
    assert "| CKV_AWS_3 | needs-value | 1 | encrypting a volume replaces it" in told
    assert "| 2 | 1 | 0 | 1 | 0 |" in told
