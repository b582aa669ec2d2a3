"""The adapter before somebody else's GitHub: npm `emulate` 0.11.2, where node and the package are at hand.

`npm install emulate@0.11.2`, then name its folder in IACFIX_EMULATE (…/node_modules/emulate). It has no GraphQL, so that
what needs it (moving a branch, comments) is asked of our own server alone.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.test_git_host import BRANCH, change

from iacfix.adapters.git_hosts.github import GitHubHost
from iacfix.adapters.git_hosts.github_credentials import Pace, Token
from iacfix.domain.change_request import Access, Person, PullRequestState
from iacfix.domain.errors import HostConflictError
from iacfix.domain.proposal import Edit

VERSION = "0.11.2"
TOKEN = "ghp_emulate"
SEED = {
    "tokens": {TOKEN: {"login": "acme", "scopes": ["repo"]}},
    "github": {
        "users": [{"login": "acme"}, {"login": "ann"}],
        "repos": [{"owner": "acme", "name": "infra", "auto_init": True}],
    },
}


def why_not() -> str:
    folder = os.environ.get("IACFIX_EMULATE", "")
    if not folder:
        return "IACFIX_EMULATE does not name the folder of npm's emulate"
    if shutil.which("node") is None:
        return "there is no node"
    version = json.loads(Path(folder, "package.json").read_text())["version"]
    return "" if version == VERSION else f"emulate {version} is not {VERSION}"


pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


@pytest.fixture
def host(tmp_path: Path) -> Iterator[GitHubHost]:
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(os.environ["IACFIX_EMULATE"], "dist", "index.js")
    command = ["node", str(program), "start", "--service", "github", "--port", str(port), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tmp_path) as process:
        try:
            for _ in range(200):
                with socket.socket() as tried:
                    if not tried.connect_ex(("127.0.0.1", port)):
                        break
                time.sleep(0.05)
            yield GitHubHost("acme/infra", Token(TOKEN), api_url=f"http://localhost:{port}", pace=Pace(0, 0, 0))
        finally:
            process.terminate()


def test_a_pull_request_is_opened_and_found_again(host: GitHubHost) -> None:
    base = host.base()
    assert base.branch == "main"
    before = host.read("README.md", base.commit)
    assert before
    assert host.read("nothing.tf", base.commit) is None
    request = change(base.commit, Edit("README.md", before, before + b"Fixed.\r\n"))
    assert host.branch(BRANCH, base.commit) is None
    commit = host.ensure_branch(request)
    found = host.ensure_pull_request(request, commit)
    assert (found.state, found.branch, found.target, found.head) == (PullRequestState.OPEN, BRANCH, "main", commit)
    assert (found.key, found.content, found.title) == (request.key, request.content, request.title)
    assert host.ensure_pull_request(request, host.ensure_branch(request)) == found
    assert host.pull_requests(BRANCH) == host.open_pull_requests() == (found,)
    assert host.read("README.md", commit) == before + b"Fixed.\r\n"
    with pytest.raises(HostConflictError):
        host.ensure_branch(change(base.commit, Edit("README.md", before, b"Other.\n")))
    assert host.ensure_labels(found, ["security"]) == ()
    assert host.ensure_reviewers(found, [Person("ann")]) == ()
    (labelled,) = host.pull_requests(BRANCH)
    assert labelled.labels == ("security",)
    assert host.access("acme") is Access.WRITE
    assert host.access("nobody") is Access.NONE
    assert host.close(found).state is PullRequestState.CLOSED
    assert host.open_pull_requests() == ()
