from collections.abc import Mapping
from pathlib import Path

import pytest

from iacfix.adapters.stores.told_sqlite import SqliteTold
from iacfix.config.notify import (
    AZURE_DEVOPS_TOKEN,
    JIRA_TOKEN,
    JIRA_USER,
    SLACK_WEBHOOK,
    TEAMS_WEBHOOK,
    ForSettings,
    NotifySettings,
    SnsSettings,
    TrackerSettings,
)
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import Severity
from iacfix.domain.notice import Occasion
from iacfix.entry.notifying import notifying_from, told_store

SECRETS: Mapping[str, str] = {
    SLACK_WEBHOOK: "https://hooks.slack.com/services/T0/B0/word",
    TEAMS_WEBHOOK: "https://example.webhook.office.com/word",
    JIRA_USER: "robot@example.com",
    JIRA_TOKEN: "token",
    AZURE_DEVOPS_TOKEN: "token",
}
JIRA = TrackerSettings("https://acme.atlassian.net", "SEC")
AZURE = TrackerSettings("https://dev.azure.com/acme", "Cloud")
TOPIC = SnsSettings("arn:aws:sns:eu-west-1:123456789012:findings", "arn:aws:iam::123456789012:role/x", "id")


def everything(folder: Path) -> NotifySettings:
    few = ForSettings(frozenset({Occasion.APPROVAL}), Severity.HIGH)
    told = str(folder / "state" / "told.sqlite")
    return NotifySettings(told, sns=TOPIC, slack=few, teams=ForSettings(), jira=JIRA, azure_devops=AZURE)


def test_everybody_who_is_configured_is_told(tmp_path: Path) -> None:
    found = notifying_from(everything(tmp_path), SECRETS)
    assert [(each.notifier.name, each.summaries) for each in found.subscriptions] == [
        ("sns", True),
        ("slack", True),
        ("teams", True),
        ("jira", False),
        ("azure_devops", False),
    ]
    assert found.subscriptions[0].occasions == frozenset(Occasion), "topics get everything"
    assert (found.subscriptions[1].occasions, found.subscriptions[1].least) == (
        frozenset({Occasion.APPROVAL}),
        Severity.HIGH,
    )
    assert isinstance(found.told, SqliteTold)
    assert (tmp_path / "state").is_dir()


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        notifying_from(everything(tmp_path), {**SECRETS, name: " "})


@pytest.mark.parametrize(
    ("tracker", "said"),
    [
        ({"jira": TrackerSettings("http://acme.atlassian.net", "SEC")}, "address of Jira"),
        ({"jira": TrackerSettings("https://acme.atlassian.net", 'S" OR 1=1')}, "no key"),
        ({"azure_devops": TrackerSettings("https://dev.azure.com/acme", "a/../b")}, "no name"),
        ({"azure_devops": TrackerSettings("https://dev.azure.com/acme", "..")}, "no name"),
        (
            {"azure_devops": TrackerSettings("https://dev.azure.com/acme", "A", priorities={Severity.LOW: "5"})},
            "priority",
        ),
        ({"sns": SnsSettings("findings")}, "no ARN"),
    ],
)
def test_what_cannot_be_told_is_said_at_once(tmp_path: Path, tracker: dict[str, object], said: str) -> None:
    settings = NotifySettings(str(tmp_path / "told.sqlite"), **tracker)  # type: ignore[arg-type] # one of them each
    with pytest.raises(ConfigurationError, match=said):
        notifying_from(settings, SECRETS)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be made"):
        told_store(NotifySettings(str(tmp_path / "file" / "told.sqlite")))
