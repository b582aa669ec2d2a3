"""Proposals, pull requests and what becomes of them, from the command line against a GitHub over a real repository."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iacfix.entry.cli.main import cli
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.github_server import GitHubServer
from iacfix.testing.github_state import DEFAULT_TOKEN
from iacfix.workflows.proposed import sealed

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"
CHECKOV, HUB = str(DEMO / "checkov_report.json"), str(DEMO / "security_hub.json")
KEY = "k" * 40
Record = dict[str, object]


@dataclass(frozen=True)
class Shop:
    """The demo's repository: a clone, and the GitHub that it is a clone of."""

    folder: Path
    server: GitHubServer
    environment: Mapping[str, str]

    @property
    def clone(self) -> Path:
        return self.folder / "shop"

    def run(self, *arguments: str, **more: str) -> Result:
        """In the folder of iacfix.yaml. The command's own exceptions are the test's."""
        given = dict.fromkeys(("GITHUB_REPOSITORY", "GITHUB_API_URL", "IACFIX_PROPOSALS_KEY"))
        return CliRunner().invoke(cli, arguments, env={**given, **self.environment, **more})

    def lines(self, *arguments: str, **more: str) -> list[Record]:
        done = self.run(*arguments, "--repo", str(self.clone), "--output", "json", **more)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return [json.loads(line) for line in done.stdout.splitlines()]

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.clone), *arguments]
        return subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True).stdout

    def push(self, path: str, change: Callable[[str], str]) -> None:
        """A person changes a file on main, and the clone has it."""
        file = self.clone / path
        file.write_text(change(file.read_text()))
        self.git("commit", "-qam", "by a person")
        self.git("push", "-q", "origin", "main")

    def configure(self, text: str = "") -> None:
        host = f"git_host: {{kind: github, repository: acme/infra, api: '{self.server.api_url}'}}\n"
        (self.folder / "iacfix.yaml").write_text(f"{host}rescan: {{enabled: false}}\n{text}")


@pytest.fixture
def hosted(tmp_path: Path, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    repository = BareRepository(tmp_path / "acme.git")
    with GitHubServer(repository) as server:
        shop = Shop(tmp_path, server, {**environment, "GITHUB_TOKEN": DEFAULT_TOKEN})
        shutil.copytree(DEMO / "repository", shop.clone)
        shop.git("init", "-q", "-b", "main")
        shop.git("remote", "add", "origin", str(repository.folder))
        shop.git("add", "-A")
        shop.git("commit", "-qm", "as it runs")
        shop.git("push", "-q", "origin", "main")
        shop.configure()
        monkeypatch.chdir(tmp_path)
        yield shop
        assert server.faults == ()


def proposals(shop: Shop, findings: str = HUB, *more: str, **environment: str) -> Path:
    done = shop.run(
        "generate", "--findings", findings, "--repo", str(shop.clone), "--output", "json", *more, **environment
    )
    path = shop.folder / "proposals.json"
    path.write_text(done.stdout)
    return path


def actions(records: list[Record]) -> list[object]:
    return [dict(each["pull_request"])["action"] if each["pull_request"] else None for each in records]  # type: ignore[call-overload] # JSON


def test_proposals_are_opened_by_a_job_that_asks_no_model(hosted: Shop) -> None:
    command = ("open-pr", "--proposals", str(proposals(hosted)))
    hosted.configure("pull_requests: {max_open: 2}")
    planned = hosted.lines(*command, "--dry-run")
    assert actions(planned) == ["opened", "opened", "queued", "queued"]
    assert "would create iacfix/" in str(planned[0])
    assert len(hosted.server.state.pulls) == 0
    assert not [name for name in hosted.server.requests if not name.startswith("GET ")]
    assert actions(hosted.lines(*command)) == ["opened", "opened", "queued", "queued"]
    hosted.configure("pull_requests: {max_open: 9, labels: [security], reviewers: [ann, nobody-here]}")
    assert actions(hosted.lines(*command)) == ["kept", "kept", "opened", "opened"]
    pulls = list(hosted.server.state.pulls.values())
    assert [(pull.labels, pull.reviewers) for pull in pulls[2:]] == [(["security"], ["ann"])] * 2
    assert len(pulls) == 4


def test_a_record_that_was_changed_or_is_not_signed_opens_nothing(hosted: Shop) -> None:
    file = proposals(hosted, HUB, "--only", "ec2-imdsv2", IACFIX_PROPOSALS_KEY=KEY)
    (record,) = [json.loads(line) for line in file.read_text().splitlines()]
    command = ("open-pr", "--proposals", str(file), "--dry-run")
    (signed,) = hosted.lines(*command, IACFIX_PROPOSALS_KEY=KEY)
    (other,) = hosted.lines(*command, IACFIX_PROPOSALS_KEY="x" * 40)
    assert (signed["status"], other["status"]) == ("proposed", "invalid_finding")
    file.write_text(json.dumps({**record, "diff": str(record["diff"]).replace("required", "optional")}))
    (changed,) = hosted.lines(*command)
    assert changed["status"] == "invalid_finding"
    assert "changed after it was written" in str(changed["reason"])
    assert hosted.run("open-pr", "--proposals", "nowhere.json", "--repo", "shop").exit_code != 0


def forged(record: Mapping[str, object], **changes: object) -> str:
    """As somebody would write it who knows how digests are made."""
    return json.dumps(sealed({**record, **changes}))


def test_what_a_file_claims_is_judged_again(hosted: Shop) -> None:
    file = proposals(hosted, HUB, "--only", "ec2-imdsv2")
    (record,) = [json.loads(line) for line in file.read_text().splitlines()]
    diff = str(record["diff"])
    lines = [
        forged(record, diff=diff.replace('"required"', '"optional" # "required"')),
        forged(record, control="s3-versioning"),
        forged(record, address="aws_instance.other"),
        forged(record, diff=diff.replace("services.tf", "../../etc/passwd")),
        forged(record, explanation="A recipe of theirs."),
        forged(record),
    ]
    file.write_text("\n".join(lines))
    *wrong, ours, same = hosted.lines("open-pr", "--proposals", str(file))
    assert [each["status"] for each in wrong] == ["generation_failed", "unsupported", "generation_failed"] * 1 + [
        "generation_failed"
    ]
    assert actions([ours, same]) == ["opened", "kept"]
    assert ours["generator"] == "recipe:ec2-imdsv2"
    (pull,) = hosted.server.state.pulls.values()
    assert "of theirs" not in pull.body


def test_what_moved_meanwhile_is_seen(hosted: Shop) -> None:
    """On the base as it is now: another line above it, the fix already made, and a clone that has not fetched."""
    command = ("open-pr", "--proposals", str(proposals(hosted, HUB, "--only", "ec2-imdsv2")))
    hosted.push("services.tf", lambda text: f"# a new line\n{text}")
    (hosted.clone / "services.tf").write_text("not committed and not looked at {")
    assert actions(hosted.lines(*command)) == ["opened"]
    hosted.git("checkout", "-q", "services.tf")
    hosted.push("services.tf", lambda text: text.replace('http_tokens   = "optional"', 'http_tokens   = "required"'))
    (fixed,) = hosted.lines(*command)
    assert fixed["status"] == "already_fixed"
    (closed,) = hosted.lines("prs", "refresh")
    assert (closed["action"], str(closed["reason"]).split(":")[0]) == ("closed", "fixed_upstream")
    assert "closed by" not in str(hosted.server.state.pulls[1].state)
    ahead = hosted.git("rev-parse", "HEAD").strip()
    repository = hosted.server.state.repository
    made = repository.write_commit(repository.write_tree(repository.files(ahead)), [ahead], "elsewhere\n")
    repository.move("main", made)
    behind = hosted.run(*command, "--repo", str(hosted.clone))
    assert "does not have the commit" in str(behind.exception)


def test_pull_requests_are_listed_brought_to_the_base_and_closed(hosted: Shop) -> None:
    hosted.configure("pull_requests: {max_an_hour: 9}")
    hosted.lines("open-pr", "--proposals", str(proposals(hosted)))
    repository, pulls = hosted.server.state.repository, hosted.server.state.pulls
    by_control = {str(each["control"]): each for each in hosted.lines("prs", "list")}
    assert {each["head"] for each in by_control.values()} == {"ours"}
    assert not any(each["base_moved"] for each in by_control.values())
    hers = str(by_control["rds-no-public-access"]["branch"])
    head = repository.head(hers)
    assert head is not None
    repository.move(hers, repository.write_commit(repository.write_tree(repository.files(head)), [head], "mine\n"))
    hosted.push("storage.tf", lambda text: text.replace('resource "aws_s3_bucket" "invoices"', "removed", 1) and "")
    before = {pull.branch: repository.head(pull.branch) for pull in pulls.values()}
    planned = hosted.lines("prs", "refresh", "--dry-run")
    assert before == {pull.branch: repository.head(pull.branch) for pull in pulls.values()}
    done = {str(each["branch"]).split("/")[1]: each for each in hosted.lines("prs", "refresh")}
    assert {name: each["action"] for name, each in done.items()} == {
        "ec2-imdsv2": "updated",
        "ecr-immutable-tags": "updated",
        "rds-no-public-access": "hands_off",
        "s3-block-public-access": "closed",
    }
    assert [each["action"] for each in planned] == [each["action"] for each in done.values()]
    assert str(done["s3-block-public-access"]["reason"]).startswith("resource_gone")
    assert repository.head(hers) == before[hers] != None  # noqa: E711 - nobody moved it
    number = next(str(pull.number) for pull in pulls.values() if "imdsv2" in pull.branch)
    assert hosted.run("prs", "close", "999", "--repo", str(hosted.clone)).exit_code != 0
    (closed,) = hosted.lines("prs", "close", number, "--reason", "later @everybody")
    assert (closed["action"], pulls[int(number)].state) == ("closed", "closed")
    assert len(hosted.lines("prs", "list")) == 2


def test_a_finding_that_is_resolved_or_merged_is_told(hosted: Shop) -> None:
    hosted.configure("pull_requests: {max_an_hour: 9}")
    hosted.lines("open-pr", "--proposals", str(proposals(hosted)))
    report = json.loads(Path(HUB).read_text())
    for finding in report["Findings"]:
        if finding["Compliance"]["SecurityControlId"] == "ECR.2":
            finding["Workflow"] = {"Status": "RESOLVED"}
    path = hosted.folder / "now.json"
    path.write_text(json.dumps(report))
    pulls = hosted.server.state.pulls
    hosted.server.merge(next(str(pull.number) for pull in pulls.values() if "imdsv2" in pull.branch))
    hosted.git("pull", "-q", "origin", "main")
    told = {str(each["branch"]).split("/")[1]: each for each in hosted.lines("prs", "refresh", "--findings", str(path))}
    assert {name: each["action"] for name, each in told.items()} == {
        "ec2-imdsv2": "verification_due",
        "ecr-immutable-tags": "closed",
        "rds-no-public-access": "updated",
        "s3-block-public-access": "updated",
    }
    assert str(told["ecr-immutable-tags"]["reason"]).startswith("finding_resolved")


FEW = tuple(f"--only={name}" for name in ("rds-multi-az", "rds-minor-upgrades", "kms-key-rotation"))


def test_fixes_of_a_group_have_one_pull_request(hosted: Shop) -> None:
    (hosted.clone / "CODEOWNERS").write_text("*.tf @ann\n")
    hosted.git("add", "-A")
    hosted.push("CODEOWNERS", lambda text: text)
    file = proposals(hosted, CHECKOV, "--standalone", *FEW)
    command = ("open-pr", "--proposals", str(file))
    pulls, repository = hosted.server.state.pulls, hosted.server.state.repository
    hosted.configure("pull_requests: {group_by: owner, max_an_hour: 9}")
    (planned,) = {str(dict(each["pull_request"])["reason"]) for each in hosted.lines(*command, "--dry-run")}  # type: ignore[call-overload] # JSON
    assert "changes database.tf, storage.tf" in planned
    assert "“3 findings for ann”" in planned
    hosted.configure("pull_requests: {group_by: file, max_an_hour: 9}")
    assert actions(hosted.lines(*command)) == ["opened"] * 3
    assert [pull.title for pull in pulls.values()] == [
        "2 findings in database.tf",
        "KMS key is rotated every year in storage.tf",
    ]
    heads = {pull.branch: repository.head(pull.branch) for pull in pulls.values()}
    hosted.configure("pull_requests: {group_by: none, max_an_hour: 9}")
    assert actions(hosted.lines(*command)) == ["kept"] * 3  # they are in a group already
    assert heads == {name: head for name, head in repository.branches().items() if name.startswith("iacfix/")}
    hosted.push("database.tf", lambda text: f"# moved\n{text}")
    refreshed = hosted.lines("prs", "refresh", "--proposals", str(file))
    assert [each["action"] for each in refreshed] == ["updated"] * 2
    assert len(pulls) == 2


def test_comments_are_answered_and_pull_requests_say_so(hosted: Shop) -> None:
    hosted.configure("pull_requests: {commands: true, draft: always}")
    findings = ("--findings", HUB, "--only", "ec2-imdsv2")
    (opened,) = hosted.lines("generate", *findings, "--open-pr")
    assert actions([opened]) == ["opened"]
    pull = hosted.server.state.pulls[1]
    assert pull.draft
    assert "`/iacfix accept-risk until=YYYY-MM-DD" in pull.body

    hosted.server.comment("1", "ann", '/iacfix accept-risk until=2999-01-01 reason="later"')
    hosted.server.comment("1", "ann", "/iacfix ignore")
    (refused, planned) = hosted.lines("prs", "answer", "--dry-run")
    assert (refused["command"], planned["command"]) == ("NotUnderstood", "Ignore")
    assert pull.state == "open"
    done = hosted.run("prs", "answer", "--repo", str(hosted.clone))
    assert "ann: Ignore: Closed. iacfix does not open it again until the finding changes." in done.stdout
    assert done.exit_code == 0
    assert pull.state == "closed"
    assert hosted.lines("prs", "answer") == []
    assert actions(hosted.lines("generate", *findings, "--open-pr")) == ["not_wanted"]
