"""Moves a branch by compare-and-swap: one request of git's own protocol, for the API of CodeCommit has none for it.

UpdateBranch does not exist, DeleteBranch takes no expected commit, and a pull request is closed for good when its
branch is deleted. `git push --force-with-lease` does what is needed: its command names the commit that the ref has to
be at, and the server compares under its lock. The objects are there already, so the pack that goes along is empty.

The request is signed like those of `aws codecommit credential-helper`: with the user's keys, for this path and host.
"""

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import botocore.exceptions as boto
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from iacfix.adapters.aws.session import ca_bundle, shown
from iacfix.adapters.git_hosts.codecommit_errors import mapped
from iacfix.adapters.git_hosts.git_push import Move, lines, request
from iacfix.domain.errors import (
    HostForbiddenError,
    HostNotFoundError,
    HostRateLimitedError,
    HostRefusedError,
    HostUnavailableError,
)

if TYPE_CHECKING:
    from boto3.session import Session

ZERO = "0" * 40
_OK, _NOT_FOUND, _TOO_MANY, _FIRST_SERVER_ERROR = 200, 404, 429, 500
_FORBIDDEN = frozenset({401, 403})
_PERMISSION = "allow codecommit:GitPush: a branch of iacfix's own is moved and deleted by a push"
# What git's receive-pack says where a ref is not at the commit that the command names.
_MOVED = (
    "failed to update ref",
    "fetch first",
    "stale info",
    "non-fast-forward",
    "failed to lock",
    "reference already",
)


class Pusher:
    """`url` is the repository's own for cloning over HTTPS, as CodeCommit tells it."""

    def __init__(self, session: "Session", url: str, *, connect_timeout: float, read_timeout: float) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._bundle = ca_bundle(session)
        self._timeout = (connect_timeout, read_timeout)

    def swap(self, branch: str, old: str, new: str, *, ending: tuple[str, str] | None = None) -> bool:
        """`new` ZERO deletes it. False where the branch is not at `old`, and then nothing was done to it.

        `ending`: another branch, and the commit that it has to be at, which is deleted in the same request.
        """
        moves = [Move(branch, old, "" if new == ZERO else new)]
        if ending is not None:
            moves.append(Move(*ending))
        content = request(moves, "report-status delete-refs")
        return self._moved(branch, self._post(f"push to {branch}", content), f"refs/heads/{branch}")

    def _post(self, what: str, content: bytes) -> bytes:
        url = f"{self._url}/git-receive-pack"
        headers = {
            "Authorization": f"Basic {base64.b64encode(self._signed().encode()).decode()}",
            "Content-Type": "application/x-git-receive-pack-request",
            "Accept": "application/x-git-receive-pack-result",
        }
        http = URLLib3Session(
            verify=self._bundle or True,  # type: ignore[arg-type] # it takes the path of a file
            proxies=get_environ_proxies(url),
            timeout=self._timeout,  # type: ignore[arg-type] # it takes a pair
        )
        try:
            answer = http.send(AWSRequest("POST", url, headers=headers, data=content).prepare())
            status, said = answer.status_code, answer.content
        except boto.BotoCoreError as error:
            raise mapped(error, what) from None
        finally:
            http.close()
        if status == _OK:
            return said
        if status in _FORBIDDEN:
            raise HostForbiddenError(f"AWS denies the {what}", remedy=_PERMISSION)
        if status == _TOO_MANY:
            raise HostRateLimitedError(f"CodeCommit throttles the {what}", seconds=60)
        if status == _NOT_FOUND:
            raise HostNotFoundError(f"CodeCommit does not know the repository of the {what}")
        if status >= _FIRST_SERVER_ERROR:
            raise HostUnavailableError(f"CodeCommit could not do the {what} now ({status})", remedy="run it again")
        raise HostRefusedError(f"CodeCommit refused the {what} ({status})")

    def _moved(self, branch: str, said: bytes, ref: str) -> bool:
        report = [line.decode("utf-8", "replace").rstrip("\n") for line in lines(said)]
        if not report or report[0] != "unpack ok":
            why = shown(report[0]) if report else "no report"
            raise HostUnavailableError(f"CodeCommit did not take the push to {branch} ({why})", remedy="run it again")
        for line in report[1:]:
            if line == f"ok {ref}":
                return True
            if line.startswith(f"ng {ref} "):
                why = line.removeprefix(f"ng {ref} ")
                if any(words in why for words in _MOVED):
                    return False
                raise HostRefusedError(f"CodeCommit refused the push to {branch} ({shown(why)})")
        raise HostUnavailableError(f"CodeCommit did not say what became of {branch}", remedy="run it again")

    def _signed(self) -> str:
        """Name and password of this very moment: the signature holds for some minutes, and for git alone."""
        found = self._session.get_credentials()
        if found is None:
            raise HostForbiddenError("there are no AWS credentials to push with")
        keys = found.get_frozen_credentials()
        parts = urlsplit(self._url)
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        request = AWSRequest("GIT", self._url)
        request.context["timestamp"] = now
        auth = SigV4Auth(keys, "codecommit", self._session.region_name)
        canonical = f"GIT\n{parts.path}\n\nhost:{parts.hostname}\n\nhost\n"
        signature = auth.signature(auth.string_to_sign(request, canonical), request)
        name = f"{keys.access_key}%{keys.token}" if keys.token else keys.access_key
        return f"{name}:{now}Z{signature}"
