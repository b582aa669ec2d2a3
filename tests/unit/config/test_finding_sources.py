from pathlib import Path

import pytest

from iacfix.config import Settings, load_settings
from iacfix.config.finding_sources import SecurityHubSettings, WizSettings
from iacfix.domain.errors import ConfigurationError
from iacfix.entry.finding_sources import security_hub_from, trackers_from, wiz_from


def load(folder: Path, text: str, **environ: str) -> Settings:
    (folder / "iacfix.yaml").write_text(text)
    return load_settings(folder / "iacfix.yaml", {"HOME": str(folder), **environ})


def test_what_is_said_of_sources_is_read(tmp_path: Path) -> None:
    text = """
security_hub: {region: eu-west-1, role_arn: "arn:aws:iam::111122223333:role/r", external_id: e, api: v2}
wiz: {api: "https://api.us1.app.wiz.io/graphql", rescan: false}
triage: {owners: owners.yaml, automation_rules: rules.yaml}
"""
    settings = load(tmp_path, text, WIZ_CLIENT_ID="id", WIZ_CLIENT_SECRET="a secret")
    role = "arn:aws:iam::111122223333:role/r"
    assert settings.security_hub == SecurityHubSettings("eu-west-1", role, "e", "v2")
    assert settings.wiz == WizSettings(
        "https://api.us1.app.wiz.io/graphql", "", rescan=False, client_id="id", client_secret="a secret"
    )
    assert "a secret" not in repr(settings)
    assert settings.triage is not None
    assert settings.triage.automation_rules == tmp_path / "rules.yaml"
    assert [each.name for each in trackers_from(settings)] == ["security-hub", "wiz"]
    assert type(security_hub_from(settings)).__name__ == "SecurityHubV2"


def test_without_them_security_hub_is_the_environments(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    assert (settings.security_hub, settings.wiz) == (SecurityHubSettings(), WizSettings())
    assert [each.name for each in trackers_from(settings)] == ["security-hub"]
    with pytest.raises(ConfigurationError, match="says nothing of Wiz"):
        wiz_from(settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("security_hub: {api: v3}", "must be one of v1, v2"),
        ("security_hub: {token: x}", "token is no key"),
        ("wiz: {rescan: true}", "lacks api"),
        ("wiz: {api: x, client_secret: y}", "client_secret is no key"),
    ],
)
def test_what_is_wrong_is_named_and_secrets_do_not_belong_there(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        load(tmp_path, text)


def test_a_wiz_without_credentials_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="set WIZ_CLIENT_ID"):
        trackers_from(load(tmp_path, "wiz: {api: 'https://api.us1.app.wiz.io/graphql'}"))
