"""People are told of what a run did, once, from the command line."""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.e2e.conftest import DEMO

from iacfix.controls import load_catalogue
from iacfix.domain.errors import ConfigurationError
from iacfix.entry.cli import wiring
from iacfix.entry.cli.main import cli
from iacfix.testing.chat_server import ChatServer
from iacfix.testing.jira_server import PROJECT, TOKEN, USER, JiraServer
from iacfix.testing.rest_server import Fault

CATALOGUE = cache(load_catalogue)
OWNERS = """
default: nobody
rules: [{name: all, tags: Team=cloud, team: cloud-platform, contact: ann@example.com}]
"""
WANTED = (0, 2, 4)  # one is fixed, one is nobody's, one is not located
Run = Callable[..., Result]


def secrets(chat: ChatServer) -> Mapping[str, str]:
    return {"IACFIX_SLACK_WEBHOOK": chat.slack, "IACFIX_JIRA_USER": USER, "IACFIX_JIRA_TOKEN": TOKEN}


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture
def tracker() -> Iterator[JiraServer]:
    with JiraServer(people={"ann@example.com": "account-of-ann"}) as server:
        yield server


@pytest.fixture
def run(
    tmp_path: Path,
    environment: Mapping[str, str],
    chat: ChatServer,
    tracker: JiraServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """`iacfix generate --open-pr` over the demo, whose pull requests are files, in tmp_path."""
    shutil.copytree(DEMO / "repository", tmp_path / "shop")
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "as it runs"]):
        subprocess.run(["git", "-C", str(tmp_path / "shop"), *arguments], env=environment, check=True)
    reported = json.loads((DEMO / "security_hub.json").read_text())["Findings"]
    (tmp_path / "findings.json").write_text(json.dumps({"Findings": [reported[at] for at in WANTED]}))
    (tmp_path / "owners.yaml").write_text(OWNERS)
    (tmp_path / "iacfix.yaml").write_text(
        "rescan: {enabled: false}\n"
        "triage: {owners: owners.yaml, assume: {tags: {Team: cloud, Environment: test}}}\n"
        f"notify: {{slack: {{}}, jira: {{url: '{tracker.url}', project: {PROJECT}, occasions: [pull_request]}}}}\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wiring, "load_catalogue", CATALOGUE)

    def invoke(*more: str, **other: str | None) -> Result:
        arguments = ["generate", "--findings", "findings.json", "--repo", "shop", *more]
        done = CliRunner().invoke(cli, arguments, env={**environment, **secrets(chat), **other})
        assert done.exception is None or isinstance(done.exception, SystemExit | ConfigurationError), done.exception
        return done

    return invoke


def test_each_finding_is_told_once_and_each_run_is_summed_up(run: Run, chat: ChatServer, tracker: JiraServer) -> None:
    command = ("--open-pr", "--ledger", "ledger.sqlite", "--output", "json")
    first = run(*command)
    statuses = Counter(json.loads(line)["status"] for line in first.stdout.splitlines())
    assert first.stderr.count("could not be told") == 0, first.stderr
    notices = [each for each in chat.messages if "A run of iacfix" not in str(each)]
    assert len(notices) == sum(statuses.values()) == 3
    assert len(tracker.issues) == statuses["proposed"] == 1
    assert {str(each.fields["assignee"]) for each in tracker.issues} == {"{'accountId': 'account-of-ann'}"}
    (summary,) = [each for each in chat.messages if "A run of iacfix" in str(each)]
    assert "By team: 2 cloud-platform, 1 nobody" in str(summary)

    run(*command)
    assert len(tracker.issues) == statuses["proposed"]
    assert sum(len(each.comments) for each in tracker.issues) == 0
    assert len([each for each in chat.messages if "A run of iacfix" not in str(each)]) == len(notices)
    assert len(chat.messages) == len(notices) + 2, "the second run has a summary of its own"
    exported = CliRunner().invoke(cli, ["audit", "export", "--ledger", "ledger.sqlite"])
    actions = Counter(json.loads(line)["action"] for line in exported.stdout.splitlines())
    assert actions["notify.slack"] == len(chat.messages)
    assert actions["notify.jira"] == len(tracker.issues)


@pytest.mark.parametrize("more", [("--open-pr", "--dry-run"), ()], ids=["dry run", "nothing opened"])
def test_nobody_is_told_where_nothing_is_done(
    run: Run, chat: ChatServer, tracker: JiraServer, more: tuple[str, ...]
) -> None:
    assert run(*more).exit_code in {0, 1}
    assert chat.asked == tracker.asked == []


def test_a_failing_notifier_changes_nothing_of_the_findings(
    run: Run, chat: ChatServer, tracker: JiraServer, environment: Mapping[str, str]
) -> None:
    chat.faults = {number: Fault(403) for number in range(1, 100)}
    done = run("--open-pr", "--output", "json", "--ledger", "ledger.sqlite")
    assert "proposed" in {json.loads(line)["status"] for line in done.stdout.splitlines()}
    assert "slack could not be told: Slack does not allow it" in done.stderr
    assert chat.slack not in done.stderr + done.stdout
    assert tracker.issues

    chat.faults = {}
    for told in ("3 told, 1 known, 2 not asked, 0 failed", "0 told, 4 known, 2 not asked, 0 failed"):
        again = CliRunner().invoke(cli, ["notify", "--ledger", "ledger.sqlite"], env={**environment, **secrets(chat)})
        assert (again.exit_code, again.stdout.strip()) == (0, told), again.stderr
    assert len(chat.messages) == 3
    for _ in range(2):
        CliRunner().invoke(
            cli, ["notify", "--ledger", "ledger.sqlite", "--summary"], env={**environment, **secrets(chat)}
        )
    assert "By severity: 3 high" in str(chat.messages[3:])
    assert len(chat.messages) == 4


def test_a_secret_that_is_missing_is_said_before_anything_is_done(run: Run, tmp_path: Path) -> None:
    done = run("--open-pr", IACFIX_JIRA_TOKEN=None)
    assert "IACFIX_JIRA_TOKEN" in str(done.exception)
    assert not (tmp_path / "home").exists()
