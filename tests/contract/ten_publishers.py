"""Run by test_publish_at_once.py: processes that publish the same fix at once. How many, how to reach the host, and the
fix come on stdin, pickled; each process writes a line with what became of it.
"""

import os
import pickle
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tests.contract.conftest import ENVIRONMENT, HostUnderTest
from tests.contract.publishing import CATALOGUE, LABELS, NOW, REVIEWERS, Fix

from iacfix.adapters.git_hosts.bitbucket import BitbucketHost
from iacfix.adapters.git_hosts.bitbucket_client import BitbucketToken
from iacfix.adapters.git_hosts.codecommit import CodeCommitGitHost
from iacfix.adapters.git_hosts.github import GitHubHost
from iacfix.adapters.git_hosts.github_credentials import Pace, Token
from iacfix.adapters.git_hosts.gitlab import GitLabHost
from iacfix.adapters.git_hosts.gitlab_client import GitLabToken
from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.ports.git_host import GitHost
from iacfix.testing.bitbucket_state import ACCESS_TOKEN, FULL_NAME
from iacfix.testing.github_state import DEFAULT_TOKEN
from iacfix.testing.gitlab_state import DEFAULT_TOKEN as GITLAB_TOKEN
from iacfix.testing.gitlab_state import PROJECT_PATH
from iacfix.workflows.publish import Place, Publisher

if TYPE_CHECKING:
    from tests.contract.codecommit import CodeCommit
    from tests.contract.conftest import Bitbucket, GitHub, GitLab, Local

Reach = Callable[[], GitHost]


def github(url: str) -> GitHost:
    return GitHubHost("acme/infra", Token(DEFAULT_TOKEN), api_url=url, pace=Pace(0, 0, 0))


def gitlab(url: str) -> GitHost:
    return GitLabHost(PROJECT_PATH, GitLabToken(GITLAB_TOKEN), url=url)


def bitbucket(url: str, git_url: str) -> GitHost:
    return BitbucketHost(FULL_NAME, BitbucketToken(ACCESS_TOKEN), url=url, git_url=git_url)


def codecommit(name: str) -> GitHost:
    return CodeCommitGitHost(name, max_attempts=1)


def local(repository: Path, out: Path) -> GitHost:
    return LocalGitHost(repository, out, environment=ENVIRONMENT)


REACHES: dict[str, Callable[[HostUnderTest], Reach]] = {
    "bitbucket": lambda host: partial(
        bitbucket, cast("Bitbucket", host).server.url, cast("Bitbucket", host).server.git_url
    ),
    "codecommit": lambda host: partial(codecommit, cast("CodeCommit", host).server.name),
    "github": lambda host: partial(github, cast("GitHub", host).server.api_url),
    "gitlab": lambda host: partial(gitlab, cast("GitLab", host).server.url),
    "local": lambda host: partial(local, cast("Local", host).folder / "repo", cast("Local", host).out),
}
"""How another process reaches the host: what can be pickled."""


def publish(connection: GitHost, fix: Fix) -> str:
    place = Place(connection, connection.base(), labels=LABELS, reviewers=lambda _: REVIEWERS)
    outcome = Publisher(CATALOGUE, lambda _: place, now=lambda: NOW).publish(fix.outcome)
    made = outcome.pull_request
    return f"{made.url} {made.commit}\n" if made is not None else f"{outcome.reason}\n"


def main() -> int:
    processes, reach, fix = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the test that runs this
    reach()  # what it imports is there before the processes part, so that none of them comes late
    gate, opens = os.pipe()
    children = []
    for _ in range(processes):
        child = os.fork()
        if not child:
            os.close(opens)
            os.read(gate, 1)  # until the parent lets go of the other end
            os.write(1, publish(reach(), fix).encode())
            return 0
        children.append(child)
    os.close(opens)
    return max(os.waitpid(child, 0)[1] for child in children)


if __name__ == "__main__":
    sys.exit(main())
