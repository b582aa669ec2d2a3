"""From settings and environment to a git host. Credentials are read here and stand in no message."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from iacfix.adapters.aws.role import Role
from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.config import GitHostSettings
from iacfix.domain.errors import ConfigurationError
from iacfix.ports.git_host import GitHost

if TYPE_CHECKING:
    from iacfix.adapters.git_hosts.github_credentials import Credentials, Pace

KINDS = ("local", "github", "gitlab", "bitbucket", "codecommit")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MAX_KEY = 64 * 1024

Environment = Mapping[str, str]


def git_host(settings: GitHostSettings, folder: Path, environ: Environment) -> GitHost:
    """`folder` is the repository's work tree on this machine. Raises ConfigurationError where a name, a credential or a
    package is missing, and InputError and GitHostError where the host cannot be used with this repository.
    """
    match settings.kind:
        case "local":
            return LocalGitHost(folder, settings.folder, environment=environ)
        case "github":
            return _github(settings, environ)
        case "gitlab":
            return _gitlab(settings, environ)
        case "bitbucket":
            return _bitbucket(settings, environ)
        case "codecommit":
            return _codecommit(settings)
        case _:
            raise ConfigurationError(
                f"the git host {settings.kind!r} is not known", remedy=f"there are {', '.join(KINDS)}"
            )


def _github(settings: GitHostSettings, environ: Environment) -> GitHost:
    from iacfix.adapters.git_hosts.github import GitHubHost  # noqa: PLC0415 - only who opens there pays for it
    from iacfix.adapters.git_hosts.github_api import API_URL  # noqa: PLC0415 - as above

    repository = settings.repository or environ.get("GITHUB_REPOSITORY", "")
    address = settings.api or environ.get("GITHUB_API_URL", "") or API_URL
    name = _named(repository, "owner/name", "GITHUB_REPOSITORY")
    return GitHubHost(name, _of_github(environ), api_url=_safe(address), pace=_pace(address))


def github_token(settings: GitHostSettings, environ: Environment) -> str:
    """What git takes for a password: the token, or one of an App's installation; "" where there are no credentials.
    Raises ConfigurationError, and GitHostError where an App has to ask for it.
    """
    if not environ.get("IACFIX_GITHUB_APP_ID", "").strip():
        return environ.get("GITHUB_TOKEN", "").strip()
    from iacfix.adapters.git_hosts.github_api import API_URL, Api  # noqa: PLC0415 - as above
    from iacfix.adapters.git_hosts.pacing import SYSTEM_CLOCK  # noqa: PLC0415 - as above

    address = settings.api or environ.get("GITHUB_API_URL", "") or API_URL
    name = _named(settings.repository or environ.get("GITHUB_REPOSITORY", ""), "owner/name", "GITHUB_REPOSITORY")
    return Api(name, _of_github(environ), _safe(address), _pace(address), SYSTEM_CLOCK).token()


def _pace(address: str) -> "Pace":
    """A server of one's own limits nobody unless its owner has switched that on ("Configuring rate limits", GitHub
    Enterprise Server Docs); then it says so, and the run is to be repeated.
    """
    from iacfix.adapters.git_hosts.github_credentials import DEFAULT_PACE, Pace  # noqa: PLC0415 - as above

    host = urlsplit(address).hostname or ""
    return DEFAULT_PACE if f".{host}".endswith((".github.com", ".ghe.com")) else Pace(0, 0)


def _of_github(environ: Environment) -> "Credentials":
    """An App goes before a token: whoever sets one up means it, and a pipeline has a token anyway."""
    from iacfix.adapters.git_hosts.github_credentials import AppInstallation, Token  # noqa: PLC0415 - as above

    if app := environ.get("IACFIX_GITHUB_APP_ID", "").strip():
        installation = environ.get("IACFIX_GITHUB_APP_INSTALLATION", "").strip() or "0"
        if not (installation.isascii() and installation.isdigit()):
            raise ConfigurationError("IACFIX_GITHUB_APP_INSTALLATION is no number", remedy="give the installation's id")
        return AppInstallation(app, _app_key(environ), int(installation))
    return Token(_secret(environ, "GITHUB_TOKEN", "or IACFIX_GITHUB_APP_ID with the App's private key"))


def _app_key(environ: Environment) -> str:
    r"""Where a line feed cannot stand in a variable, people write it as \n."""
    if given := environ.get("IACFIX_GITHUB_APP_KEY", ""):
        return given.replace("\\n", "\n")
    path = environ.get("IACFIX_GITHUB_APP_KEY_FILE", "")
    if not path:
        raise ConfigurationError(
            "a GitHub App needs its private key", remedy="set IACFIX_GITHUB_APP_KEY or IACFIX_GITHUB_APP_KEY_FILE"
        )
    try:
        with Path(path).open("rb") as file:
            return file.read(_MAX_KEY).decode()
    except UnicodeDecodeError:
        reason = "it is not text"
    except OSError as error:
        reason = error.strerror or "it cannot be read"
    raise ConfigurationError(f"the file of IACFIX_GITHUB_APP_KEY_FILE cannot be used: {reason}", remedy="give the PEM")


def _gitlab(settings: GitHostSettings, environ: Environment) -> GitHost:
    from iacfix.adapters.git_hosts.gitlab import GITLAB, GitLabHost  # noqa: PLC0415 - as above
    from iacfix.adapters.git_hosts.gitlab_client import GitLabToken  # noqa: PLC0415 - as above

    project = settings.repository or environ.get("CI_PROJECT_PATH", "")
    address = settings.api or environ.get("CI_SERVER_URL", "") or GITLAB
    token = GitLabToken(_secret(environ, "GITLAB_TOKEN", "to an access token of a project, a group or a person"))
    return GitLabHost(_named(project, "group/project", "CI_PROJECT_PATH"), token, url=_safe(address))


def _bitbucket(settings: GitHostSettings, environ: Environment) -> GitHost:
    from iacfix.adapters.git_hosts.bitbucket import BitbucketHost  # noqa: PLC0415 - as above
    from iacfix.adapters.git_hosts.bitbucket_client import API, BitbucketToken  # noqa: PLC0415 - as above

    repository = settings.repository or environ.get("BITBUCKET_REPO_FULL_NAME", "")
    secret = _secret(environ, "BITBUCKET_TOKEN", "to an access token, or to a person's API token with BITBUCKET_USER")
    return BitbucketHost(
        _named(repository, "workspace/name", "BITBUCKET_REPO_FULL_NAME"),
        BitbucketToken(secret, environ.get("BITBUCKET_USER", "").strip()),
        url=_safe(settings.api or API),
        writers=settings.writers,
    )


def _codecommit(settings: GitHostSettings) -> GitHost:
    from iacfix.adapters.git_hosts.codecommit import CodeCommitGitHost  # noqa: PLC0415 - as above

    return CodeCommitGitHost(
        _named(settings.repository, "its name"),
        region=settings.region,
        role=Role(settings.role_arn, settings.external_id) if settings.role_arn else None,
        writers=settings.writers,
    )


def _named(repository: str, form: str, variable: str = "") -> str:
    if not repository:
        elsewhere = f", or set {variable}" if variable else ""
        raise ConfigurationError(
            "the git host needs the name of the repository",
            remedy=f"write {form} as git_host.repository into iacfix.yaml{elsewhere}",
        )
    return repository


def _secret(environ: Environment, name: str, other: str) -> str:
    if value := environ.get(name, "").strip():
        return value
    raise ConfigurationError("the git host needs credentials", remedy=f"set {name} {other}")


def _safe(address: str) -> str:
    """A credential goes there: in the clear only to this machine."""
    parts = urlsplit(address)
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("git_host.api holds a credential", remedy="credentials come from the environment")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ConfigurationError("git_host.api is no address of https", remedy="write https://…")
    return address
