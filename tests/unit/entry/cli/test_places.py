import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.contract.aws import REGION, aws, client, moto_url
from tests.support.code import bucket, call, template
from tests.support.repositories import checkov

from iacfix.entry.cli.main import cli

__all__ = ["aws", "moto_url"]

S3 = "arn:aws:s3:::acme-logs"
SHOP, PAY = "111111111111", "222222222222"
Locate = Callable[..., list[dict[str, object]]]


def hub(account: str = SHOP, identifier: str = S3, tags: Mapping[str, str] | None = None) -> Mapping[str, object]:
    return {
        "Id": f"finding-{account}",
        "ProductName": "Security Hub",
        "SchemaVersion": "2018-10-08",
        "AwsAccountId": account,
        "Title": "S3.8 buckets block public access",
        "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.8"},
        "Resources": [{"Type": "AwsS3Bucket", "Id": identifier, "Tags": dict(tags or {})}],
    }


def state(name: str = "logs") -> str:
    instance = {"attributes": {"arn": S3, "id": "acme-logs"}}
    resource = {"mode": "managed", "type": "aws_s3_bucket", "name": name, "instances": [instance]}
    return json.dumps({"version": 4, "resources": [resource]})


def backend(key: str) -> str:
    return f'terraform {{\n  backend "s3" {{\n    bucket = "states"\n    key = "{key}"\n    region = "{REGION}"\n  }}\n}}\n'


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`iacfix locate` in tmp_path."""
    monkeypatch.chdir(tmp_path)

    def locate(*options: str, findings: Sequence[Mapping[str, object]] = (hub(),)) -> Result:
        (tmp_path / "findings.json").write_text(json.dumps({"Findings": list(findings)}))
        return CliRunner().invoke(cli, ["locate", "--findings", "findings.json", "--output", "json", *options])

    return locate


@pytest.fixture
def located(run: Callable[..., Result]) -> Locate:
    def locate(*options: str, findings: Sequence[Mapping[str, object]] = (hub(),)) -> list[dict[str, object]]:
        done = run(*options, findings=findings)
        assert done.exit_code in {0, 1}, (done.output, done.exception)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return locate


# One repository and its states


UNNAMED = bucket("logs") + bucket("other")


@pytest.mark.parametrize(
    "given",
    ["live=prod.json", "/live/=prod.json", "./live=prod.json", "live/.=prod.json", "repo/live/prod.json"],
)
def test_a_state_is_given_with_its_folder_or_stands_in_it(tmp_path: Path, located: Locate, given: str) -> None:
    write(tmp_path, {"repo/live/main.tf": UNNAMED, "prod.json": state(), "repo/live/prod.json": state()})
    (record,) = located("--repo", "repo", "--state", given)
    assert (record["path"], record["address"]) == ("live/main.tf", "aws_s3_bucket.logs")


@pytest.mark.parametrize("given", ["prod.json", ".=prod.json", "=prod.json", "repo/prod.json"])
def test_a_state_from_elsewhere_is_that_of_the_top(tmp_path: Path, located: Locate, given: str) -> None:
    write(tmp_path, {"repo/main.tf": UNNAMED, "prod.json": state(), "repo/prod.json": state()})
    (record,) = located("--repo", "repo", "--state", given)
    assert record["address"] == "aws_s3_bucket.logs"


def test_the_states_of_the_configuration_count_with_those_of_the_options(tmp_path: Path, located: Locate) -> None:
    write(
        tmp_path,
        {
            "repo/live/main.tf": UNNAMED,
            "a.json": "{",
            "b.json": state(),
            "iacfix.yaml": "locate: {states: [{file: b.json, folder: live}]}\n",
        },
    )
    (record,) = located("--repo", "repo", "--state", "live=a.json")
    assert record["address"] == "aws_s3_bucket.logs"
    (record,) = located("--repo", "repo", "--state", "live=a.json", findings=[hub(identifier="arn:aws:s3:::gone")])
    assert "the state a.json cannot be read" in str(record["reason"])


@pytest.mark.parametrize("file", ["gone.json", "repo"])
def test_a_state_that_is_no_file_stops_the_run(tmp_path: Path, run: Callable[..., Result], file: str) -> None:
    write(tmp_path, {"repo/main.tf": UNNAMED})
    error = run("--repo", "repo", "--state", file).exception
    assert f"the state {file} cannot be read" in str(error)


def test_the_configuration_says_which_template_a_stack_has(tmp_path: Path, located: Locate) -> None:
    logs = template({"Logs": "{}"})
    write(tmp_path, {"repo/a.yaml": logs, "repo/b.yaml": logs, "iacfix.yaml": "locate: {stacks: {shop-*: ./b.yaml}}\n"})
    tags = {"aws:cloudformation:stack-name": "shop-prod", "aws:cloudformation:logical-id": "Logs"}
    (record,) = located("--repo", "repo", findings=[hub(tags=tags)])
    assert (record["path"], record["repository"]) == ("b.yaml", "repo")


@pytest.mark.parametrize(("prefer", "at"), [("call", "call"), ("module", "module")])
def test_the_configuration_says_where_modules_are_fixed(tmp_path: Path, located: Locate, prefer: str, at: str) -> None:
    block = (
        'resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = aws_s3_bucket.logs.id\n'
        "  block_public_acls = var.block\n}\n"
    )
    write(
        tmp_path,
        {
            "repo/main.tf": call("logs", "./m", block="false"),
            "repo/m/main.tf": bucket("logs", bucket='"acme-logs"') + block,
            "iacfix.yaml": f"locate: {{fix_modules_at: {prefer}}}\n",
        },
    )
    (record,) = located("--repo", "repo")
    module = record["module"]
    assert isinstance(module, dict)
    assert module["fix_at"] == at
    assert [each["variable"] for each in module["inputs"]] == ["block"]


# Several repositories


NAMED = bucket("logs", bucket='"acme-logs"')


def several(folder: Path, configuration: str, **more: str) -> None:
    write(folder, {"shop/main.tf": NAMED, "pay/infra/main.tf": NAMED, "iacfix.yaml": configuration, **more})


def test_every_finding_goes_to_its_own_repository(tmp_path: Path, located: Locate) -> None:
    several(
        tmp_path,
        f'repositories:\n- {{path: shop, accounts: ["{SHOP}"]}}\n- {{path: pay, folder: infra, accounts: ["{PAY}"]}}\n',
    )
    found = located(findings=[hub(SHOP), hub(PAY), hub("333333333333")])
    assert [record["repository"] for record in found] == ["shop", "pay/infra", None]
    assert [record["path"] for record in found] == ["main.tf", "main.tf", None]
    assert found[2]["reason"] == "no repository for account 333333333333: see `repositories` in iacfix.yaml"
    assert found[2]["control"] == "s3-block-public-access"


def test_two_repositories_that_both_fit_are_left_to_a_person(tmp_path: Path, located: Locate) -> None:
    several(tmp_path, f'repositories:\n- {{path: shop, accounts: ["{SHOP}"]}}\n- {{path: pay, tags: {{team: shop}}}}\n')
    (record,) = located(findings=[hub(tags={"team": "shop"})])
    assert record["reason"] == "several repositories fit it equally well: shop, pay"


def test_a_repository_given_by_hand_goes_before_those_of_the_configuration(tmp_path: Path, located: Locate) -> None:
    several(tmp_path, f'repositories:\n- {{path: shop, accounts: ["{PAY}"]}}\n')
    (record,) = located("--repo", "pay/infra")
    assert (record["repository"], record["path"]) == ("pay/infra", "main.tf")


def test_a_repository_that_stands_there_twice_has_the_states_of_both(tmp_path: Path, located: Locate) -> None:
    write(
        tmp_path,
        {
            "shop/main.tf": UNNAMED,
            "a.json": state(),
            "iacfix.yaml": "repositories:\n"
            f'- {{path: shop, accounts: ["{SHOP}"], states: [{{file: a.json}}]}}\n'
            f'- {{path: shop, accounts: ["{PAY}"]}}\n',
        },
    )
    assert [record["address"] for record in located(findings=[hub(SHOP), hub(PAY)])] == ["aws_s3_bucket.logs"] * 2


@pytest.mark.parametrize(
    ("options", "configuration", "said"),
    [
        ((), "", "Missing option '--repo'"),
        (("--state", "a.json"), "repositories: [{path: shop}]\n", "--state goes with --repo"),
        (("--repo", "gone"), "", "gone"),
        ((), "repositories: [{path: gone}]\n", "gone"),
        ((), "repositories: [{path: shop, folder: ../pay}]\n", "folder"),
        ((), "repositories: [{folder: shop}]\n", "path"),
        ((), "repositories: [{path: shop, accounts: [1]}]\n", "accounts"),
        ((), "locate: {stacks: {shop: 7}}\n", "stacks"),
        ((), "locate: {fix_modules_at: somewhere}\n", "fix_modules_at"),
    ],
)
def test_what_cannot_be_used_stops_the_run(
    tmp_path: Path, run: Callable[..., Result], options: tuple[str, ...], configuration: str, said: str
) -> None:
    several(tmp_path, configuration)
    done = run(*options)
    assert done.exit_code != 0
    assert said in f"{done.output}{done.exception}"


def test_paths_of_the_configuration_count_from_its_own_folder(tmp_path: Path, located: Locate) -> None:
    write(tmp_path, {"etc/iacfix.yaml": "repositories: [{path: ../shop}]\n", "shop/main.tf": NAMED})
    (record,) = located("--config", "etc/iacfix.yaml")
    assert (record["path"], record["address"]) == ("main.tf", "aws_s3_bucket.logs")


# What the account knows


def buckets(**states: str) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key, text in states.items():
        s3.put_object(Bucket="states", Key=key, Body=text.encode())


IN_BUCKETS = "- {path: shop, state_buckets: [states]}\n- {path: pay, state_buckets: [states]}\n"


def test_whose_state_knows_it_owns_it(tmp_path: Path, located: Locate, aws: str) -> None:
    assert aws
    buckets(shop=state("other"), pay=state())
    write(
        tmp_path,
        {
            "shop/main.tf": UNNAMED + backend("shop"),
            "pay/main.tf": UNNAMED + backend("gone"),
            "iacfix.yaml": f"locate: {{remote_states: true}}\nrepositories:\n{IN_BUCKETS}",
        },
    )
    (record,) = located()
    assert (record["repository"], record["address"]) == ("shop", "aws_s3_bucket.other")


def test_without_leave_no_bucket_is_asked(tmp_path: Path, located: Locate) -> None:
    write(
        tmp_path,
        {"shop/main.tf": NAMED + backend("x"), "pay/main.tf": "", "iacfix.yaml": f"repositories:\n{IN_BUCKETS}"},
    )
    (record,) = located()
    assert "no repository" in str(record["reason"])


def test_a_broken_backend_of_one_repository_stops_no_finding(tmp_path: Path, located: Locate) -> None:
    broken = 'terraform {\n  backend "s3" {\n    bucket = \n  }\n}\n'
    write(
        tmp_path,
        {
            "shop/main.tf": broken,
            "pay/main.tf": NAMED,
            "iacfix.yaml": "repositories:\n- {path: shop, state_buckets: [states]}\n- {path: pay}\n",
        },
    )
    (record,) = located()
    assert (record["repository"], record["address"]) == ("pay", "aws_s3_bucket.logs")


def test_cloudformation_is_asked_where_that_is_wanted(tmp_path: Path, located: Locate, aws: str) -> None:
    assert aws
    text = template({"Logs": "{ BucketName: acme-logs }"})
    client("cloudformation").create_stack(StackName="shop", TemplateBody=text)
    write(tmp_path, {"repo/app.yaml": template({"Logs": "{}"}), "iacfix.yaml": "locate: {ask_cloudformation: true}\n"})
    (record,) = located("--repo", "repo")
    assert (record["path"], record["address"]) == ("app.yaml", "Resources.Logs")
    assert "CloudFormation says that the stack 'shop'" in str(record["evidence"])


def test_a_scanners_finding_needs_no_account(tmp_path: Path, located: Locate) -> None:
    write(tmp_path, {"repo/main.tf": NAMED})
    (tmp_path / "report.json").write_bytes(checkov("CKV2_AWS_6", "aws_s3_bucket.logs"))
    (record,) = located("--repo", "repo", "--findings", "report.json")
    assert record["address"] == "aws_s3_bucket.logs"
