"""Secrets by name, from moto's Parameter Store and Secrets Manager."""

import json
from pathlib import Path

import pytest
from tests.contract.aws import client

from iacfix.adapters.aws.named_secrets import named_secrets
from iacfix.config.notify import SLACK_WEBHOOK, ForSettings, NotifySettings
from iacfix.domain.errors import ConfigurationError
from iacfix.entry.notifying import notifying_from

KEPT = {SLACK_WEBHOOK: "https://hooks.slack.com/services/T0/B0/kept"}


def test_both_places_are_read(aws: str, tmp_path: Path) -> None:
    assert aws
    client("ssm").put_parameter(Name="/iacfix/secrets", Value=json.dumps(KEPT), Type="SecureString")
    client("secretsmanager").create_secret(Name="iacfix", SecretString=json.dumps(KEPT))
    assert named_secrets("ssm:/iacfix/secrets") == KEPT
    assert named_secrets("secretsmanager:iacfix") == KEPT
    settings = NotifySettings(str(tmp_path / "told.sqlite"), "ssm:/iacfix/secrets", slack=ForSettings())
    assert [each.notifier.name for each in notifying_from(settings, {}).subscriptions] == ["slack"]
    nowhere = NotifySettings(str(tmp_path / "told.sqlite"), "ssm:/nowhere", slack=ForSettings())
    assert notifying_from(nowhere, KEPT), "what the environment has is not looked for"


@pytest.mark.parametrize(
    "text", ["word", '["word"]', '{"a": {"b": "word"}}', "[" * 3_000], ids=["text", "list", "deep", "nested"]
)
def test_what_is_no_object_of_texts_is_not_repeated(aws: str, text: str) -> None:
    assert aws
    client("ssm").put_parameter(Name="/iacfix/secrets", Value=text, Type="SecureString")
    with pytest.raises(ConfigurationError, match="no JSON object of texts") as raised:
        named_secrets("ssm:/iacfix/secrets")
    assert "word" not in str(raised.value)


def test_what_is_not_there_is_told(aws: str) -> None:
    assert aws
    for where in ("ssm:/nowhere", "secretsmanager:nowhere"):
        with pytest.raises(ConfigurationError, match="nowhere"):
            named_secrets(where)
    with pytest.raises(ConfigurationError, match="no place"):
        named_secrets("file:x")
