"""The environment with what it only names: `GITHUB_TOKEN_FROM=secretsmanager:prod/github#token`."""

from collections.abc import Mapping

from iacfix.adapters.aws.secrets import AwsSecrets
from iacfix.domain.errors import ConfigurationError

SUFFIX = "_FROM"
# No other variable is filled from outside, so that none that a program understands can be.
NAMES = (
    "BITBUCKET_TOKEN",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "IACFIX_GITHUB_APP_KEY",
    "IACFIX_OPA_TOKEN",
    "IACFIX_WEBHOOK_SECRETS",
    "IACFIX_SLACK_WEBHOOK",
    "IACFIX_TEAMS_WEBHOOK",
    "IACFIX_JIRA_TOKEN",
    "IACFIX_AZURE_DEVOPS_TOKEN",
)


def with_secrets(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Read anew at each call, so that what was rotated is known. What stands there itself goes first.

    Raises ConfigurationError, CloudReadError.
    """
    wanted = {name: environ[name + SUFFIX] for name in NAMES if environ.get(name + SUFFIX) and not environ.get(name)}
    unknown = [name for name in environ if name.endswith(SUFFIX) and name.startswith("IACFIX_")]
    strange = [name for name in unknown if name.removesuffix(SUFFIX) not in NAMES]
    if strange:
        raise ConfigurationError(f"{strange[0]} names a secret that nothing reads", remedy=f"known: {', '.join(NAMES)}")
    if not wanted:
        return environ
    secrets = AwsSecrets()
    return {**environ, **{name: secrets.get(address) for name, address in wanted.items()}}
