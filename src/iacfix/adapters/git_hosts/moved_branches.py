"""Branches on a host whose API makes a branch with its commit in one call and cannot move one by comparing and
swapping: those are moved by git's push (git_push.py).

A branch that is there is never written over by the API. The commit is made on a branch beside it, whose name comes from
what is asked for, and then a push moves the one and takes the other away: each only from where it was seen. A run that
is cut off in between finds the commit there.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from iacfix.adapters.git_hosts.git_push import Move, Pushed
from iacfix.domain.change_request import BranchState, ChangeRequest
from iacfix.domain.errors import HostConflictError, HostNotFoundError, HostRefusedError
from iacfix.domain.marks import content_hash

Files = TypeVar("Files")


@dataclass(frozen=True, slots=True)
class Found:
    """`parent` is that of the one commit that is ahead, else ""."""

    state: BranchState
    parent: str = ""

    def holds(self, request: ChangeRequest) -> bool:
        ours = (request.key, content_hash(request.edits), request.base)
        return (self.state.key, self.state.content, self.parent) == ours


class Calls(Protocol[Files]):
    """What a host is asked."""

    @property
    def host(self) -> str: ...

    def head(self, name: str) -> str | None: ...

    def found(self, name: str, base: str) -> Found | None: ...

    def files(self, request: ChangeRequest) -> Files:
        """What a commit call wants. Raises HostConflictError where a file is not as the edit says it was."""

    def create(self, request: ChangeRequest, branch: str, files: Files) -> str:
        """The branch with the commit on `request.base`. Raises HostRefusedError or HostConflictError where it is there
        already.
        """

    def push(self, moves: Sequence[Move]) -> Pushed: ...


class MovedBranches(Generic[Files]):
    def __init__(self, calls: Calls[Files]) -> None:
        self._calls = calls

    def ensure(self, request: ChangeRequest, *, replacing: str) -> str:
        found = self._calls.found(request.branch, request.base)
        if found is not None and found.holds(request):
            return found.state.head
        files = self._calls.files(request)
        if found is None:
            return self._created(request, request.branch, files)
        if found.state.head != replacing or (found.state.ahead and not found.state.content):
            raise conflict(request.branch)
        try:
            commit = self._beside(request, files)
        except HostRefusedError:
            again = self._calls.found(request.branch, request.base)  # another process may have done it all meanwhile
            if again is not None and again.holds(request):
                return again.state.head
            raise
        return self._moved(request, (Move(request.branch, replacing, commit), Move(_name_beside(request), commit)))

    def delete(self, name: str, head: str) -> bool:
        there = self._calls.head(name)
        if there is None:
            return False
        if there != head:
            raise conflict(name)
        pushed = self._calls.push((Move(name, head),))
        if name in pushed.moved:
            return True
        there = self._calls.head(name)
        if there == head:
            raise HostRefusedError(f"{self._calls.host} did not delete the branch {name}: {pushed.words}")
        if there is None:
            return False
        raise conflict(name)

    def _beside(self, request: ChangeRequest, files: Files) -> str:
        name = _name_beside(request)
        there = self._calls.found(name, request.base)
        if there is None:
            return self._created(request, name, files)
        if not there.holds(request):
            raise conflict(name)
        return there.state.head

    def _created(self, request: ChangeRequest, branch: str, files: Files) -> str:
        try:
            return self._calls.create(request, branch, files)
        except (HostRefusedError, HostConflictError):
            found = self._calls.found(branch, request.base)  # another process may have been quicker
            if found is None:
                raise
            if found.holds(request):
                return found.state.head
            raise conflict(branch) from None

    def _moved(self, request: ChangeRequest, moves: tuple[Move, Move]) -> str:
        pushed = self._calls.push(moves)
        if request.branch in pushed.moved:
            return moves[0].new
        again = self._calls.found(request.branch, request.base)
        if again is not None and again.holds(request):
            return again.state.head
        if again is not None and again.state.head == moves[0].old:
            raise HostRefusedError(f"{self._calls.host} did not move the branch {request.branch}: {pushed.words}")
        raise conflict(request.branch)


def _name_beside(request: ChangeRequest) -> str:
    """The same for the same change, and no folder of another branch's name."""
    material = json.dumps([request.branch, request.base, request.key, content_hash(request.edits)])
    return f"iacfix-next/{hashlib.sha256(material.encode()).hexdigest()[:40]}"


def conflict(branch: str) -> HostConflictError:
    return HostConflictError(
        f"the branch {branch} is there already and is not as iacfix left it",
        remedy="rename or delete that branch, and run it again",
    )


def require_head(head: str | None, branch: str) -> str:
    if head is None:
        raise HostNotFoundError(f"there is no branch {branch}", remedy="name one that is there")
    return head
