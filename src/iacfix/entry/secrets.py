"""The environment with what it only names: `GITHUB_TOKEN_FROM=secretsmanager:prod/github#token`."""

from collections.abc import Mapping

from iacfix.adapters.aws.secrets import PARAMETERS, SECRETS_MANAGER, AwsSecrets

SUFFIX = "_FROM"


def with_secrets(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Read anew at each call, so that what was rotated is known. What stands there itself goes first, and nothing is
    put into the environment of this process, where every child would have it.

    Raises ConfigurationError, CloudReadError.
    """
    named = {
        name.removesuffix(SUFFIX): address
        for name, address in environ.items()
        if name.endswith(SUFFIX) and address.startswith((SECRETS_MANAGER, PARAMETERS))
    }
    wanted = {name: address for name, address in named.items() if not environ.get(name)}
    if not wanted:
        return environ
    secrets = AwsSecrets()
    return {**environ, **{name: secrets.get(address) for name, address in wanted.items()}}
