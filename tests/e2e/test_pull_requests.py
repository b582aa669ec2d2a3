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
        given = {name: None for name in ("GITHUB_REPOSITORY", "GITHUB_API_URL", "IACFIX_PROPOSALS_KEY")}
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
