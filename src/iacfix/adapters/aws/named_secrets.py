"""Secrets that are kept in AWS under a name: a JSON object of texts in Secrets Manager or the Parameter Store."""

import json
from collections.abc import Mapping
from typing import Final

from iacfix.domain.errors import ConfigurationError
from iacfix.ports import CloudReadError

SECRETS_MANAGER: Final = "secretsmanager"
PARAMETER_STORE: Final = "ssm"
# "Referencing AWS Secrets Manager secrets from Parameter Store parameters".
_REFERENCE = "/aws/reference/secretsmanager/"
_REMEDY = 'store a JSON object there, like {"IACFIX_SLACK_WEBHOOK": "https://…"}'


def named_secrets(where: str, region: str = "") -> Mapping[str, str]:
    """`where` is `secretsmanager:NAME` or `ssm:NAME`. Raises ConfigurationError, which never holds a value."""
    from iacfix.adapters.aws.session import Clients, telling  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

    kind, _, name = where.partition(":")
    if kind not in {SECRETS_MANAGER, PARAMETER_STORE} or not name:
        raise ConfigurationError("notify.secrets names no place", remedy="write secretsmanager:NAME or ssm:NAME")
    client = Clients(connect_timeout=5.0, read_timeout=10.0, max_attempts=3).ssm(region)
    is_parameter = kind == PARAMETER_STORE
    permissions = ("ssm:GetParameter",) if is_parameter else ("ssm:GetParameter", "secretsmanager:GetSecretValue")
    try:
        with telling(f"the secrets in {name}", permissions):
            wanted = name if is_parameter else f"{_REFERENCE}{name}"
            text = client.get_parameter(Name=wanted, WithDecryption=True)["Parameter"].get("Value", "")
    except CloudReadError as error:
        raise ConfigurationError(error.what, remedy=error.remedy) from None
    return _read(text, name)


def _read(text: str, name: str) -> Mapping[str, str]:
    try:
        loaded: object = json.loads(text)
    except (ValueError, RecursionError):
        loaded = None
    if not isinstance(loaded, dict) or not all(isinstance(each, str) for each in loaded.values()):
        raise ConfigurationError(f"what is kept under {name} is no JSON object of texts", remedy=_REMEDY)
    return loaded
