"""Secrets by name, from Secrets Manager and the Parameter Store."""

import json

from iacfix.domain.errors import ConfigurationError

SECRETS_MANAGER, PARAMETERS = "secretsmanager:", "ssm:"
_CONNECT_TIMEOUT, _READ_TIMEOUT, _ATTEMPTS = 5.0, 10.0, 4
_FORM = f"write {SECRETS_MANAGER}NAME, {SECRETS_MANAGER}NAME#KEY or {PARAMETERS}NAME"


class AwsSecrets:
    """The clients are made when they are first asked."""

    def __init__(self) -> None:
        from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        self._clients = Clients(connect_timeout=_CONNECT_TIMEOUT, read_timeout=_READ_TIMEOUT, max_attempts=_ATTEMPTS)

    def get(self, address: str) -> str:
        """`secretsmanager:NAME`, with `#KEY` for one of a JSON object's, or `ssm:NAME`. A name may be an ARN.

        Raises ConfigurationError, CloudReadError. Neither holds what was read.
        """
        if address.startswith(SECRETS_MANAGER):
            name, _, key = address.removeprefix(SECRETS_MANAGER).partition("#")
            return _member(self._secret(name), key, name)
        if address.startswith(PARAMETERS):
            return self._parameter(address.removeprefix(PARAMETERS))
        raise ConfigurationError("the address of a secret is none", remedy=_FORM)

    def _secret(self, name: str) -> str:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - as above

        with telling(f"the secret {name}", ("secretsmanager:GetSecretValue",)):
            return self._clients.secrets_manager("").get_secret_value(SecretId=name)["SecretString"]

    def _parameter(self, name: str) -> str:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - as above

        with telling(f"the parameter {name}", ("ssm:GetParameter",)):
            return self._clients.ssm("").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]


def _member(text: str, key: str, name: str) -> str:
    if not key:
        return text
    try:
        found: object = json.loads(text)
    except ValueError:
        found = None
    value = found.get(key) if isinstance(found, dict) else None
    if not isinstance(value, str):
        raise ConfigurationError(f"the secret {name} has no text under {key}", remedy="correct the name of the key")
    return value
