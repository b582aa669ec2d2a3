import json
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import pytest

from iacfix.config import GitHostSettings
from iacfix.domain.errors import ConfigurationError, GitHostError
from iacfix.entry.hosts import KINDS, git_host
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.bitbucket_server import BitbucketServer
from iacfix.testing.bitbucket_state import ACCESS_TOKEN, FULL_NAME
from iacfix.testing.github_server import GitHubServer
from iacfix.testing.github_state import DEFAULT_TOKEN
from iacfix.testing.gitlab_server import GitLabServer
from iacfix.testing.gitlab_state import DEFAULT_TOKEN as GITLAB_TOKEN
from iacfix.testing.gitlab_state import PROJECT_PATH

HERE = Path()
SECRET = "ghp_" + "s" * 36
CODECOMMIT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def started(folder: Path) -> BareRepository:
    repository = BareRepository(folder)
    made = repository.write_commit(repository.write_tree({}), [], "start\n")
    repository.move("main", made)
    return repository


def test_github_is_asked_with_the_token_of_the_environment(tmp_path: Path) -> None:
    repository = started(tmp_path / "git")
    with GitHubServer(repository) as server:
        environ = {"GITHUB_TOKEN": DEFAULT_TOKEN, "GITHUB_REPOSITORY": "acme/infra", "GITHUB_API_URL": server.api_url}
        assert git_host(GitHostSettings("github"), HERE, environ).base().commit == repository.head("main")
        named = GitHostSettings("github", repository="acme/infra", api=server.api_url)
        with pytest.raises(GitHostError) as caught:
            git_host(named, HERE, {"GITHUB_TOKEN": SECRET}).base()
        assert SECRET not in str(caught.value)


def test_gitlab_is_asked_with_the_token_of_the_environment(tmp_path: Path) -> None:
    repository = started(tmp_path / "git")
    with GitLabServer(repository) as server:
        environ = {"GITLAB_TOKEN": GITLAB_TOKEN, "CI_PROJECT_PATH": PROJECT_PATH, "CI_SERVER_URL": server.url}
        assert git_host(GitHostSettings("gitlab"), HERE, environ).base().commit == repository.head("main")


def test_bitbucket_is_asked_with_the_token_of_the_environment(tmp_path: Path) -> None:
    repository = started(tmp_path / "git")
    with BitbucketServer(repository) as server:
        environ = {"BITBUCKET_TOKEN": ACCESS_TOKEN, "BITBUCKET_REPO_FULL_NAME": FULL_NAME}
        host = git_host(GitHostSettings("bitbucket", api=server.url), HERE, environ)
        assert host.base().commit == repository.head("main")


def test_codecommit_needs_a_name_and_boto3s_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CODECOMMIT.items():
        monkeypatch.setenv(name, value)
    made = git_host(GitHostSettings("codecommit", repository="infra", region="eu-west-1"), HERE, {})
    assert made.name == "codecommit"


@pytest.mark.parametrize(
    ("settings", "environ", "said"),
    [
        (GitHostSettings("svn"), {}, "there are local, github"),
        (GitHostSettings("github"), {"GITHUB_TOKEN": SECRET}, "GITHUB_REPOSITORY"),
        (GitHostSettings("github", repository="a/b"), {}, "set GITHUB_TOKEN"),
        (GitHostSettings("github", repository="a/b"), {"GITHUB_TOKEN": " "}, "set GITHUB_TOKEN"),
        (GitHostSettings("github", repository="b"), {"GITHUB_TOKEN": SECRET}, "owner/name"),
        (GitHostSettings("github", repository="a/b", api="http://evil.example"), {"GITHUB_TOKEN": SECRET}, "https"),
        (GitHostSettings("github", repository="a/b", api="https://u:p@x"), {"GITHUB_TOKEN": SECRET}, "a credential"),
        (GitHostSettings("github", repository="a/b"), {"IACFIX_GITHUB_APP_ID": "1"}, "IACFIX_GITHUB_APP_KEY"),
        (
            GitHostSettings("github", repository="a/b"),
            {"IACFIX_GITHUB_APP_ID": "1", "IACFIX_GITHUB_APP_KEY": SECRET, "IACFIX_GITHUB_APP_INSTALLATION": "7"},
            "private key cannot be used",
        ),
        (
            GitHostSettings("github", repository="a/b"),
            {"IACFIX_GITHUB_APP_ID": "1", "IACFIX_GITHUB_APP_KEY_FILE": "/nowhere/key.pem"},
            "IACFIX_GITHUB_APP_KEY_FILE",
        ),
        (
            GitHostSettings("github", repository="a/b"),
            {"IACFIX_GITHUB_APP_ID": "1", "IACFIX_GITHUB_APP_KEY": SECRET, "IACFIX_GITHUB_APP_INSTALLATION": SECRET},
            "is no number",
        ),
        (GitHostSettings("gitlab", repository="a/b"), {}, "set GITLAB_TOKEN"),
        (GitHostSettings("gitlab", repository="a/b", api="http://x"), {"GITLAB_TOKEN": SECRET}, "https"),
        (GitHostSettings("gitlab"), {"GITLAB_TOKEN": SECRET}, "CI_PROJECT_PATH"),
        (GitHostSettings("codecommit"), {}, "the name of the repository"),
        (GitHostSettings("bitbucket", repository="a/b"), {}, "set BITBUCKET_TOKEN"),
        (GitHostSettings("bitbucket"), {"BITBUCKET_TOKEN": SECRET}, "BITBUCKET_REPO_FULL_NAME"),
    ],
)
def test_what_is_missing_is_named_and_no_credential_is(
    settings: GitHostSettings, environ: Mapping[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        git_host(settings, HERE, environ)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(("kind", "module"), [("github", "github"), ("gitlab", "gitlab")])
def test_a_package_that_is_missing_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, kind: str, module: str
) -> None:
    for name in list(sys.modules):
        if name == "iacfix.adapters.git_hosts.github_client":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    environ = {"GITHUB_TOKEN": SECRET, "GITLAB_TOKEN": SECRET}
    with pytest.raises(ConfigurationError, match=rf"iacfix\[{kind}\]"):
        git_host(GitHostSettings(kind, repository="a/b"), HERE, environ)


def test_the_configuration_knows_the_same_kinds() -> None:
    schema = json.loads((resources.files("iacfix.config") / "iacfix.schema.json").read_text())
    assert schema["$defs"]["git_host"]["properties"]["kind"]["enum"] == list(KINDS)
