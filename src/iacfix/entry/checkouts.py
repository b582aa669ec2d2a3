"""From settings and environment to the clone of a remote repository, with the credential of its git host."""

import base64
from collections.abc import Callable

from iacfix.adapters.checkout import Checkout
from iacfix.config import GitHostSettings, RepositorySettings
from iacfix.domain.errors import ConfigurationError
from iacfix.entry.hosts import Environment, github_token


def checkout_of(repository: RepositorySettings | None, host: GitHostSettings, environ: Environment) -> Checkout | None:
    """None for one that is on this machine anyway. Raises ConfigurationError."""
    if repository is None or not repository.url:
        return None
    is_local = host.kind == "local"
    return Checkout(repository.url, repository.path, environ, _header(host, environ), keeps_branches=is_local)


def _header(host: GitHostSettings, environ: Environment) -> Callable[[], str]:
    """Made when it is used: signatures hold for minutes."""

    def header() -> str:
        given = _credential(host, environ)
        return f"Authorization: Basic {base64.b64encode(given.encode()).decode()}" if given else ""

    return header


def _credential(host: GitHostSettings, environ: Environment) -> str:
    """Name and password, as each host wants them of git."""
    match host.kind:
        case "github":
            token = github_token(host, environ)
            return f"x-access-token:{token}" if token else ""
        case "gitlab":
            token = environ.get("GITLAB_TOKEN", "").strip()
            return f"oauth2:{token}" if token else ""
        case "bitbucket":
            token, user = (environ.get(name, "").strip() for name in ("BITBUCKET_TOKEN", "BITBUCKET_USER"))
            name = "x-bitbucket-api-token-auth" if user else "x-token-auth"
            return f"{name}:{token}" if token else ""
        case "codecommit":
            raise ConfigurationError(
                "repositories of CodeCommit cannot be cloned yet", remedy="clone it, and give its path instead of a url"
            )
        case _:
            return ""
