import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.support.code import bucket
from tests.support.repositories import cloud, repository

from iacfix.domain.location import Location
from iacfix.locators.locate import Sources, States, locate
from iacfix.ports import CloudReadError, StateBucket
from iacfix.workflows.states import GivenState, states_of

S3 = "arn:aws:s3:::acme-logs"
CODE = bucket("logs")


def state(name: str = "logs") -> str:
    instance = {"attributes": {"arn": S3, "id": "acme-logs"}}
    resource = {"mode": "managed", "type": "aws_s3_bucket", "name": name, "instances": [instance]}
    return json.dumps({"version": 4, "resources": [resource]})


def backend(kind: str, **texts: str) -> str:
    lines = "".join(f'    {name} = "{text}"\n' for name, text in texts.items())
    return f'terraform {{\n  backend "{kind}" {{\n{lines}  }}\n}}\n'


@dataclass
class Buckets:
    """States by their URL, and what was asked for."""

    states: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    max_bytes: int = 1024

    def read(self, backend: StateBucket, workspace: str) -> bytes:
        url = f"s3://{backend.bucket}/{backend.key_of(workspace)}"
        self.asked.append(url)
        if url not in self.states:
            raise CloudReadError("access denied", remedy="allow s3:GetObject")
        return self.states[url].encode()


def known(states: States) -> list[tuple[str, str]]:
    return [(each.name, each.folder) for each in states.files]


def of(folder: Path, files: Mapping[str, str], **how: object) -> States:
    return states_of(repository(folder, files), **how)  # type: ignore[arg-type] # as states_of takes them


# Beside the code


def test_a_state_beside_its_code_is_read(tmp_path: Path) -> None:
    files = {"live/main.tf": CODE, "live/terraform.tfstate": state(), "docs/terraform.tfstate": state()}
    repo = repository(tmp_path, files)
    found = states_of(repo)
    assert (known(found), found.unread) == ([("live/terraform.tfstate", "live")], ())
    location = locate(cloud("AwsS3Bucket", S3), repo, Sources(lambda: found))
    assert isinstance(location, Location)
    assert location.evidence[0].strategy == "Terraform state"


def test_every_workspace_has_a_state(tmp_path: Path) -> None:
    files = {
        "main.tf": CODE,
        "terraform.tfstate.d/dev/terraform.tfstate": state(),
        "terraform.tfstate.d/prod/terraform.tfstate": state(),
        "terraform.tfstate.d/empty/notes.txt": "",
        "terraform.tfstate.d/file": "",
    }
    names = [f"terraform.tfstate.d/{each}/terraform.tfstate" for each in ("dev", "prod")]
    assert known(of(tmp_path, files)) == [(name, "") for name in names]


@pytest.mark.parametrize("broken", ["", "{", "[]", "[" * 100_000, '{"version": 3}', '{"version": 4, "resources": 1}'])
def test_a_broken_state_costs_nobody_else(tmp_path: Path, broken: str) -> None:
    files = {"a/main.tf": CODE, "a/terraform.tfstate": broken, "b/main.tf": CODE, "b/terraform.tfstate": state()}
    found = of(tmp_path, files)
    assert known(found) == [("b/terraform.tfstate", "b")]
    (reason,) = found.unread
    assert reason.startswith("the state a/terraform.tfstate cannot be read: ")


def test_a_workspace_that_cannot_be_opened_costs_no_other(tmp_path: Path) -> None:
    files = {
        "main.tf": CODE,
        "terraform.tfstate.d/a space/terraform.tfstate": state(),
        "terraform.tfstate.d/link/x": "",
        "terraform.tfstate.d/prod/terraform.tfstate": state(),
    }
    (tmp_path / "outside.tfstate").write_text(state())
    repo = repository(tmp_path / "repo", files)
    (tmp_path / "repo/terraform.tfstate").symlink_to(tmp_path / "outside.tfstate")
    (tmp_path / "repo/terraform.tfstate.d/link/terraform.tfstate").symlink_to(tmp_path / "outside.tfstate")
    found = states_of(repo)
    assert known(found) == [("terraform.tfstate.d/prod/terraform.tfstate", "")]
    assert ["'a space'" in each or "a space" in each for each in found.unread].count(True) == 1
    assert sum("leads out" in each for each in found.unread) == 2
    assert all(each.startswith("the state of the root cannot be read: ") for each in found.unread)
    assert all(each.endswith("hand it over with --state") for each in found.unread)


# As backends say


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ({"path": "states/live.tfstate"}, ["live/states/live.tfstate"]),
        ({"path": "../shared/live.tfstate"}, ["shared/live.tfstate"]),
        ({"workspace_dir": "spaces"}, ["live/spaces/prod/terraform.tfstate"]),
        ({"path": "gone.tfstate"}, []),
    ],
)
def test_a_local_backend_says_where_its_states_are(tmp_path: Path, texts: dict[str, str], names: list[str]) -> None:
    states = ("live/states/live.tfstate", "shared/live.tfstate", "live/spaces/prod/terraform.tfstate")
    files = {"live/main.tf": backend("local", **texts), **dict.fromkeys(states, state())}
    assert known(of(tmp_path, files)) == [(name, "live") for name in names]


@pytest.mark.parametrize("texts", [{"path": "/etc/passwd"}, {"path": "../../x.tfstate"}, {"workspace_dir": "../.."}])
def test_a_local_backend_that_leads_outside_is_told(tmp_path: Path, texts: dict[str, str]) -> None:
    found = of(tmp_path, {"live/main.tf": backend("local", **texts)})
    assert found.files == ()
    (reason,) = found.unread
    assert reason.startswith("the state of live cannot be read: the path ")


REMOTE = {
    "a/main.tf": backend("s3", bucket="states", key="a.tfstate"),
    "b/main.tf": backend("s3", bucket="other", key="b.tfstate"),
}


def test_a_remote_state_is_read_only_where_it_is_wanted(tmp_path: Path) -> None:
    found = of(tmp_path, REMOTE)
    assert found.files == ()
    assert found.unread[0] == "the state of a is s3://states/a.tfstate, which is only read with locate.remote_states"
    reader = Buckets({"s3://states/a.tfstate": state()})
    found = of(tmp_path, REMOTE, reader=reader)
    assert known(found) == [("s3://states/a.tfstate", "a")]
    assert found.unread == ("the state s3://other/b.tfstate cannot be read: access denied: allow s3:GetObject",)
    assert reader.asked == ["s3://states/a.tfstate", "s3://other/b.tfstate"]


def test_a_remote_state_that_is_broken_costs_no_other(tmp_path: Path) -> None:
    found = of(tmp_path, REMOTE, reader=Buckets({"s3://states/a.tfstate": "{", "s3://other/b.tfstate": state()}))
    assert known(found) == [("s3://other/b.tfstate", "b")]
    assert found.unread[0].startswith("the state s3://states/a.tfstate cannot be read: ")


def test_of_a_scopes_buckets_nothing_else_counts(tmp_path: Path) -> None:
    reader = Buckets({"s3://states/a.tfstate": state(), "s3://other/b.tfstate": state()})
    files = {**REMOTE, "a/terraform.tfstate": state(), "c/main.tf": backend("local", path="c.tfstate")}
    given = (GivenState("by-hand", "", state().encode()),)
    found = of(tmp_path, files, given=given, reader=reader, buckets=("states", "more"))
    assert known(found) == [("s3://states/a.tfstate", "a")]
    assert reader.asked == ["s3://states/a.tfstate"]


def test_one_key_for_two_folders_is_the_state_of_both(tmp_path: Path) -> None:
    files = {f"{folder}/main.tf": backend("s3", bucket="states", key="x") for folder in "ab"}
    found = of(tmp_path, files, reader=Buckets({"s3://states/x": state()}))
    assert known(found) == [("s3://states/x", "a"), ("s3://states/x", "b")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (backend("s3", bucket="states"), 'a: backend "s3" leaves key open'),
        (backend("gcs", bucket="states"), 'a: the state is in a backend "gcs", which iacfix does not read'),
        ("terraform {\n  cloud {\n  }\n}\n", "a: the state is in HCP Terraform"),
        (backend("s3", bucket="s", key="k", endpoint="https://x"), "a: the backend names an endpoint of its own"),
        (backend("local") + backend("local"), "a: the folder names 2 places"),
    ],
)
def test_a_backend_that_is_not_followed_is_told(tmp_path: Path, text: str, said: str) -> None:
    found = of(tmp_path, {"a/main.tf": text}, reader=Buckets())
    assert found.files == ()
    assert found.unread[0].startswith(said)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a/main.tf", 'terraform {\n  backend "s3" {\n    bucket = \n  }\n}\n'),
        ("a/main.tf.json", '{"terraform": {"backend": {"s3": {}}}'),
    ],
)
def test_a_broken_backend_costs_no_other_folder(tmp_path: Path, path: str, text: str) -> None:
    files = {
        path: text,
        "b/main.tf": CODE + backend("s3", bucket="other", key="b.tfstate"),
        "b/terraform.tfstate": state(),
    }
    repo = repository(tmp_path, files)
    found = states_of(repo, reader=Buckets({"s3://other/b.tfstate": state()}))
    assert known(found) == [("b/terraform.tfstate", "b"), ("s3://other/b.tfstate", "b")]
    assert any(path in each for each in (*found.unread, *repo.index.unread.values()))


def test_json_syntax_says_where_its_state_is_too(tmp_path: Path) -> None:
    text = json.dumps({"terraform": {"backend": {"s3": {"bucket": "states", "key": "a.tfstate"}}}})
    found = of(tmp_path, {"a/main.tf.json": text}, reader=Buckets({"s3://states/a.tfstate": state()}))
    assert known(found) == [("s3://states/a.tfstate", "a")]


# By hand


def test_states_by_hand_go_with_those_beside_the_code(tmp_path: Path) -> None:
    given = (GivenState("elsewhere/prod.json", "live", state().encode()), GivenState("bad", "", b"{"))
    found = of(tmp_path, {"main.tf": CODE, "terraform.tfstate": state()}, given=given)
    assert known(found) == [("elsewhere/prod.json", "live"), ("terraform.tfstate", "")]
    assert found.unread[0].startswith("the state bad cannot be read: ")


def test_a_state_by_hand_keeps_its_folder(tmp_path: Path) -> None:
    given = (GivenState("terraform.tfstate", "live", state().encode()),)
    files = {"main.tf": CODE, "live/main.tf": CODE, "terraform.tfstate": state("other")}
    assert known(of(tmp_path, files, given=given)) == [("terraform.tfstate", "live"), ("terraform.tfstate", "")]


def test_a_repository_without_any_state_has_none(tmp_path: Path) -> None:
    assert of(tmp_path, {"main.tf": CODE}) == States()
