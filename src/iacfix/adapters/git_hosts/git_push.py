"""Branches moved by git's own push, which compares and swaps. Not every host's API has something that does: `force` of
a commit on GitLab writes over whatever is there, its If-Unmodified-Since of a deletion compares dates that anybody can
choose, and Bitbucket's API moves no branch but forward and deletes whatever is there.

A push names the commit that a branch is at and the one that it is to be at, and git moves it under its lock or not at
all (gitprotocol-pack, "Reference Update Request and Packfile Transfer"). What is pushed is on the host already, so the
pack is empty.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from iacfix.adapters.git_hosts.answers import broken

_SHA1_LENGTH = 40
_LENGTH = 4
_FLUSH = b"0000"
_REPORT, _PROGRESS, _FATAL = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Move:
    """`new` is "" where the branch is to be deleted."""

    branch: str
    old: str
    new: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """The branches that were moved, and what the host said: to be cleaned of credentials before anybody sees it."""

    moved: frozenset[str]
    words: str


def push(post: Callable[[bytes], bytes], moves: Sequence[Move]) -> Pushed:
    """`post` sends it to the repository's `git-receive-pack`. Each by itself: hosts may have switched off pushes of all
    or nothing.
    """
    is_sha1 = len(moves[0].old) == _SHA1_LENGTH
    wanted = "report-status side-band-64k" + ("" if is_sha1 else " object-format=sha256")
    return _read(post(request(moves, wanted)))


def request(moves: Sequence[Move], wanted: str) -> bytes:
    """`wanted` of the protocol's capabilities."""
    commands = [f"{each.old} {each.new or '0' * len(each.old)} refs/heads/{each.branch}".encode() for each in moves]
    commands[0] += f"\0 {wanted} agent=iacfix".encode()
    content = b"".join(b"%04x%b" % (len(each) + _LENGTH, each) for each in commands) + _FLUSH
    if not any(each.new for each in moves):
        return content  # a push that only deletes has no pack
    pack = b"PACK" + (2).to_bytes(4, "big") + (0).to_bytes(4, "big")
    is_sha1 = len(moves[0].old) == _SHA1_LENGTH
    return content + pack + (hashlib.sha1(pack, usedforsecurity=False) if is_sha1 else hashlib.sha256(pack)).digest()


def _read(answer: bytes) -> Pushed:
    report, words = b"", b""
    for line in lines(answer):
        if line[:1] == bytes([_REPORT]):
            report += line[1:]
        elif line[:1] in {bytes([_PROGRESS]), bytes([_FATAL])}:
            words += line[1:]
        else:
            words += line
    moved = set()
    for line in lines(report):
        verdict, _, rest = line.decode("utf-8", "replace").rstrip("\n").partition(" ")
        if verdict == "ok":
            moved.add(rest.removeprefix("refs/heads/"))
        elif verdict == "ng":
            words += f" {rest}".encode()
    return Pushed(frozenset(moved), " ".join(words.decode("utf-8", "replace").split()))


def lines(data: bytes) -> Iterator[bytes]:
    """Of git's packets. Raises HostUnavailableError."""
    at = 0
    while at < len(data):
        try:
            length = int(data[at : at + _LENGTH], 16)
        except ValueError:
            raise broken("it is not git's") from None
        if length > _LENGTH:
            yield data[at + _LENGTH : at + length]
        at += max(length, _LENGTH)
