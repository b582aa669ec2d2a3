"""Run by test_github_faults.py: ten processes that ask for the same pull request at once. A pickled pair of the API's
address and the request comes on stdin; each process writes a line with what it was answered.
"""

import os
import pickle
import sys

from iacfix.adapters.git_hosts.github import GitHubHost
from iacfix.adapters.git_hosts.github_client import Client
from iacfix.adapters.git_hosts.github_credentials import Pace, Token
from iacfix.domain.change_request import ChangeRequest
from iacfix.testing.github_state import DEFAULT_TOKEN

PROCESSES = 10
_IMPORTED = Client  # before the processes part, so that none of them comes late


def ask(url: str, request: ChangeRequest) -> str:
    host = GitHubHost("acme/infra", Token(DEFAULT_TOKEN), api_url=url, pace=Pace(0, 0, 0))
    found = host.ensure_pull_request(request, host.ensure_branch(request))
    said = host.ensure_comment(found, "owners", "Hello.")
    return f"{found.number} {found.head} {said.key}\n"


def main() -> int:
    url, request = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the test that runs this
    gate, opens = os.pipe()
    children = []
    for _ in range(PROCESSES):
        child = os.fork()
        if not child:
            os.close(opens)
            os.read(gate, 1)  # until the parent lets go of the other end
            os.write(1, ask(url, request).encode())
            return 0
        children.append(child)
    os.close(opens)
    return max(os.waitpid(child, 0)[1] for child in children)


if __name__ == "__main__":
    sys.exit(main())
