import json
from pathlib import Path

import pytest
from tests.support.code import block, bucket, call
from tests.support.repositories import cloud, repository

from iacfix.domain.finding import Finding
from iacfix.domain.location import Location, LocationResult, NotLocated
from iacfix.iac.terraform.state import State
from iacfix.locators.terraform_state import StateFile, knows, locate

ARN = "arn:aws:s3:::acme-logs"
LOGS = cloud("AwsS3Bucket", ARN)
FOREIGN = "terraform-aws-modules/s3-bucket/aws"
TREE = {
    "live/main.tf": call("app", "../modules/app"),
    "modules/app/main.tf": "\n" + call("logs", "../bucket") + call("more", "../bucket"),
    "modules/bucket/main.tf": bucket("this", bucket="var.name"),
}


def made(
    module: str = "", name: str = "logs", kind: str = "aws_s3_bucket", key: object = None, **names: str
) -> dict[str, object]:
    """One resource of a state with one instance. `module` is its path, `names` its attributes."""
    attributes = names or {"arn": ARN, "bucket": "acme-logs", "id": "acme-logs"}
    instance = {"attributes": attributes, **({} if key is None else {"index_key": key})}
    resource: dict[str, object] = {"mode": "managed", "type": kind, "name": name, "instances": [instance]}
    return {**resource, "module": module} if module else resource


def state(*resources: dict[str, object], folder: str = "", name: str = "terraform.tfstate") -> StateFile:
    text = json.dumps({"version": 4, "terraform_version": "1.9.0", "serial": 1, "resources": resources})
    return StateFile(name, folder, State.read(text.encode()))


def search(folder: Path, files: dict[str, str], *states: StateFile, finding: Finding = LOGS) -> LocationResult | None:
    return locate(finding, repository(folder, files), states)


def found(folder: Path, files: dict[str, str], *states: StateFile, finding: Finding = LOGS) -> Location:
    result = search(folder, files, *states, finding=finding)
    assert isinstance(result, Location), result
    return result


def missed(folder: Path, files: dict[str, str], *states: StateFile) -> NotLocated:
    result = search(folder, files, *states)
    assert isinstance(result, NotLocated), result
    return result


def test_a_block_whose_name_says_nothing_is_found_by_what_the_state_knows(tmp_path: Path) -> None:
    location = found(tmp_path, {"main.tf": bucket("logs", bucket="random_pet.x.id") + bucket("other")}, state(made()))
    assert (location.path, location.address, location.confidence) == ("main.tf", "aws_s3_bucket.logs", 0.98)
    (evidence,) = location.evidence
    assert evidence.strategy == "Terraform state"
    assert evidence.detail == "terraform.tfstate: arn belongs to aws_s3_bucket.logs"


@pytest.mark.parametrize(
    ("names", "identifier", "by"),
    [
        ({"arn": ARN, "id": "x"}, ARN, "arn"),
        ({"arn": ARN, "id": "x"}, f"{ARN}/a/key", None),
        ({"arn": "arn:aws-cn:s3:::acme-logs", "id": "x"}, ARN, None),
        ({"id": "acme-logs"}, ARN, "id"),
        ({"bucket": "acme-logs", "id": "x"}, "acme-logs", "bucket"),
        ({"arn": "arn:aws:s3:::acme-log", "id": "acme-log", "bucket": "acme-log"}, ARN, None),
        ({"hosted_zone_id": "acme-logs", "id": "x"}, "acme-logs", None),
    ],
)
def test_an_arn_goes_before_an_id_and_an_id_before_a_name(
    tmp_path: Path, names: dict[str, str], identifier: str, by: str | None
) -> None:
    result = search(tmp_path, {"main.tf": bucket()}, state(made(**names)), finding=cloud("AwsS3Bucket", identifier))
    if by is None:
        assert result is None
    else:
        assert isinstance(result, Location)
        assert f" {by} belongs to" in result.evidence[0].detail


def test_no_state_and_one_that_does_not_know_it_leave_it_to_others(tmp_path: Path) -> None:
    assert search(tmp_path, {"main.tf": bucket()}) is None
    assert search(tmp_path, {"main.tf": bucket()}, state()) is None
    assert search(tmp_path, {"main.tf": bucket()}, state(made(arn="arn:aws:s3:::other", id="other"))) is None


def test_another_type_with_the_same_name_is_another_thing(tmp_path: Path) -> None:
    policy = made(kind="aws_s3_bucket_policy", id="acme-logs", bucket="acme-logs")
    files = {"main.tf": bucket() + block('resource "aws_s3_bucket_policy" "logs"')}
    assert search(tmp_path, files, state(policy)) is None
    assert found(tmp_path, files, state(policy, made())).address == "aws_s3_bucket.logs"


def test_a_chain_of_modules_is_followed_from_the_folder_of_the_state(tmp_path: Path) -> None:
    location = found(tmp_path, TREE, state(made("module.app.module.logs", "this"), folder="live"))
    assert (location.path, location.address) == ("modules/bucket/main.tf", "aws_s3_bucket.this")
    assert location.module is not None
    assert [(call.path, call.address, call.line) for call in location.module.calls] == [
        ("live/main.tf", "module.app", 1),
        ("modules/app/main.tf", "module.logs", 2),
    ]
    told = [each.detail for each in location.evidence[1:]]
    assert told[0] == "called by module.app at live/main.tf:1, then module.logs at modules/app/main.tf:2"
    assert told[1].startswith("warning: 2 call sites share this module")


@pytest.mark.parametrize("key", [0, 3, "a", 'quo"te', "${x}", "dot.ted[0]", "ü"])
def test_keys_of_count_and_for_each_lead_to_the_one_block(tmp_path: Path, key: int | str) -> None:
    location = found(tmp_path, {"main.tf": bucket()}, state(made(key=key)))
    assert location.address == "aws_s3_bucket.logs"
    assert "belongs to aws_s3_bucket.logs[" in location.evidence[0].detail


def test_keys_of_modules_are_passed_over(tmp_path: Path) -> None:
    module = 'module.app["prod.eu"].module.logs[2]'
    assert found(tmp_path, TREE, state(made(module, "this", key="k"), folder="live")).address == "aws_s3_bucket.this"


@pytest.mark.parametrize(
    ("files", "module", "name", "words"),
    [
        ({"main.tf": bucket("other")}, "", "logs", "the root holds no aws_s3_bucket.logs"),
        ({"main.tf": bucket("logs"), "b.tf": bucket("logs")}, "", "logs", "the root holds 2 aws_s3_bucket.logs"),
        ({"main.tf": bucket("logs")}, "module.gone", "logs", "the root holds no module.gone"),
        ({"main.tf": call("a", "./a") + call("a", "./b")}, "module.a", "logs", "the root holds 2 module.a"),
        ({"main.tf": call("a", "./a")}, "module.a", "logs", "a holds no aws_s3_bucket.logs"),
        ({"main.tf": call("a", "./a"), "a/x.tf": ""}, "module.a.module.b", "logs", "a holds no module.b"),
        ({"m/main.tf": bucket("logs")}, "", "logs", "the root holds no aws_s3_bucket.logs"),
        ({"main.tf": block('data "aws_s3_bucket" "logs"')}, "", "logs", "the root holds no aws_s3_bucket.logs"),
    ],
)
def test_what_the_state_knows_and_the_code_does_not_hold_is_said_and_not_guessed(
    tmp_path: Path, files: dict[str, str], module: str, name: str, words: str
) -> None:
    result = missed(tmp_path, files, state(made(module, name)))
    where = f"{module}." if module else ""
    assert result.reason == f"terraform.tfstate knows it as {where}aws_s3_bucket.{name}, but {words}"
    assert result.candidates == ()


@pytest.mark.parametrize(
    ("module", "inner"),
    [
        ("module.s3", "aws_s3_bucket.this"),
        ('module.s3["a"].module.inner[0]', "module.inner.aws_s3_bucket.this"),
        ("module.s3.module.a.module.b", "module.a.module.b.aws_s3_bucket.this"),
    ],
)
def test_inside_a_foreign_module_the_call_is_found_with_what_is_inside(tmp_path: Path, module: str, inner: str) -> None:
    location = found(tmp_path, {"main.tf": call("s3", FOREIGN)}, state(made(module, "this", key=0)))
    assert (location.address, location.confidence) == ("module.s3", 0.9)
    assert location.module is not None
    assert (location.module.source, location.module.inner) == (FOREIGN, inner)
    assert location.evidence[0].detail.endswith(f", in the module {FOREIGN}")


def test_a_foreign_module_within_one_of_the_repository_is_told_with_the_way_there(tmp_path: Path) -> None:
    files = {"main.tf": call("a", "./a"), "a/main.tf": call("s3", FOREIGN)}
    location = found(tmp_path, files, state(made("module.a.module.s3", "this")))
    assert location.path == "a/main.tf"
    assert location.module is not None
    assert [site.address for site in location.module.calls] == ["module.a", "module.s3"]


def test_a_call_whose_source_cannot_be_read_is_where_the_trace_ends(tmp_path: Path) -> None:
    location = found(tmp_path, {"main.tf": block('module "a"', source="var.s")}, state(made("module.a", "this")))
    assert location.address == "module.a"
    assert location.module is not None
    assert location.module.inner == "aws_s3_bucket.this"


def test_a_module_that_calls_itself_is_followed_as_far_as_the_state_says(tmp_path: Path) -> None:
    files = {"main.tf": call("a", "./a"), "a/main.tf": call("a", "../a") + bucket("logs")}
    assert found(tmp_path, files, state(made(".".join(["module.a"] * 50)))).path == "a/main.tf"


def test_each_state_belongs_to_its_folder(tmp_path: Path) -> None:
    files = {"eu/main.tf": bucket(), "us/main.tf": bucket()}
    other = made(arn="arn:aws:s3:::acme-data", id="acme-data")
    states = (state(other, folder="eu"), state(made(), folder="us", name="s3://states/us"))
    location = found(tmp_path, files, *states)
    assert location.path == "us/main.tf"
    assert location.evidence[0].detail.startswith("s3://states/us: ")


def test_two_states_that_lead_to_one_block_agree(tmp_path: Path) -> None:
    location = found(tmp_path, {"main.tf": bucket()}, state(made()), state(made(), name="copy.tfstate"))
    assert location.address == "aws_s3_bucket.logs"


def test_two_states_that_lead_to_two_blocks_leave_it_to_a_person(tmp_path: Path) -> None:
    files = {"eu/main.tf": bucket(), "us/main.tf": bucket()}
    result = missed(tmp_path, files, state(made(), folder="eu"), state(made(), folder="us"))
    assert result.reason == "2 blocks made a resource of that name, says the state"
    assert {candidate.path for candidate in result.candidates} == {"eu/main.tf", "us/main.tf"}


def test_one_state_that_leads_somewhere_is_enough(tmp_path: Path) -> None:
    lost = state(made(name="moved"), name="old.tfstate")
    assert found(tmp_path, {"main.tf": bucket()}, lost, state(made())).address == "aws_s3_bucket.logs"


def test_two_states_that_lead_nowhere_are_both_told(tmp_path: Path) -> None:
    result = missed(tmp_path, {"main.tf": ""}, state(made(), name="a"), state(made(), name="b"))
    assert result.reason.count("the root holds no aws_s3_bucket.logs") == 2
    assert result.reason.startswith("a knows it as ")
    assert "; b knows it as " in result.reason


def test_what_two_instances_of_one_block_share_is_one_block(tmp_path: Path) -> None:
    assert found(tmp_path, {"main.tf": bucket()}, state(made(key=0), made(key=1))).address == "aws_s3_bucket.logs"


def test_a_state_is_asked_whether_it_knows_without_the_code() -> None:
    assert knows(LOGS, (state(), state(made())))
    assert not knows(LOGS, (state(), state(made(arn="arn:aws:s3:::acme-log", id="acme-log"))))
    assert not knows(LOGS, ())


def test_an_override_file_is_laid_over_the_block_and_is_no_second_one(tmp_path: Path) -> None:
    files = {"main.tf": bucket(bucket='"x"'), "override.tf": bucket(bucket='"y"')}
    location = found(tmp_path, files, state(made()))
    assert location.path == "main.tf"
    assert location.evidence[-1].detail == "warning: override.tf:1 overrides it"
