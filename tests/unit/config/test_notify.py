from pathlib import Path

import pytest

from iacfix.config import load_settings
from iacfix.config.notify import ForSettings, NotifySettings, SnsSettings, TrackerSettings
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import Severity
from iacfix.domain.notice import Occasion

ENVIRON = {"HOME": "/home/ann"}


def load(folder: Path, text: str) -> NotifySettings | None:
    (folder / "iacfix.yaml").write_text(text)
    return load_settings(folder / "iacfix.yaml", ENVIRON).notify


def test_nobody_is_told_by_default(tmp_path: Path) -> None:
    assert load(tmp_path, "") is None
    assert load(tmp_path, "notify: {}") == NotifySettings("/home/ann/.local/state/iacfix/told.sqlite")


def test_everything_given(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        """
notify:
  told: told.db
  summary: false
  account_owner_map: {"111122223333": ann@example.com}
  sns: {topic: arn, role_arn: role, external_id: x}
  slack: {occasions: [approval], min_severity: high}
  teams: {}
  jira: {url: https://acme.atlassian.net/, project: SEC, type: Bug, priorities: {critical: Blocker}, people: {a: b}, done: Done, reopened: Open, min_severity: low}
  azure_devops: {url: https://dev.azure.com/acme, project: Cloud, area: A, occasions: []}
""",
    )
    tracker = TrackerSettings(
        "https://acme.atlassian.net", "SEC", "Bug", {Severity.CRITICAL: "Blocker"}, {"a": "b"}, "", "Done", "Open",
        ForSettings(min_severity=Severity.LOW),
    )  # fmt: skip
    assert found == NotifySettings(
        str(tmp_path / "told.db"),
        summary=False,
        account_owner_map={"111122223333": "ann@example.com"},
        sns=SnsSettings("arn", "role", "x"),
        slack=ForSettings(frozenset({Occasion.APPROVAL}), Severity.HIGH),
        teams=ForSettings(),
        jira=tracker,
        azure_devops=TrackerSettings("https://dev.azure.com/acme", "Cloud", area="A", told_of=ForSettings(frozenset())),
    )
    with_ledger = load(tmp_path, "ledger: dynamodb:findings\nnotify: {}")
    assert with_ledger == NotifySettings("dynamodb:findings"), "who shares a ledger shares what was told"
    table = load(tmp_path, "notify: {told: 'dynamodb:findings'}")
    assert table is not None
    assert table.told == "dynamodb:findings"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{slack: {webhook: https://hooks.slack.com/x}}", "webhook is no key"),
        ("{slack: {occasions: [always]}}", "occasions"),
        ("{slack: {min_severity: unknown}}", "min_severity"),
        ("{jira: {url: x}}", "jira"),
        ("{jira: {url: x, project: S, token: t}}", "token is no key"),
        ("{jira: {url: x, project: S, priorities: {odd: x}}}", "odd is no key"),
        ("{sns: {}}", "sns"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as raised:
        load(tmp_path, f"notify: {text}")
    assert "hooks.slack.com" not in str(raised.value)
