"""Pull requests as Markdown files in a folder of their own: one for each branch and number."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from iacfix.domain.change_request import Comment, HostedPullRequest, PullRequestState
from iacfix.domain.errors import ConfigurationError, GitHostError, HostConflictError
from iacfix.domain.marks import comment_key_in, facts_in, key_in

MAX_BYTES = 1024 * 1024
_FRONT = re.compile(r"\A---\n(?P<front>(?:[a-z_]+: [^\n]*\n)+)---\n\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """A pull request as its file has it. People may close one by writing `state: "closed"` into it."""

    number: str
    branch: str
    target: str
    base: str
    commit: str
    title: str
    key: str
    body: str
    state: PullRequestState = PullRequestState.OPEN
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    comments: tuple[Mapping[str, str], ...] = field(default=())

    def hosted(self, url: str, head: str) -> HostedPullRequest:
        return HostedPullRequest(
            number=self.number,
            url=url,
            branch=self.branch,
            target=self.target,
            state=self.state,
            title=self.title,
            body=self.body,
            head=head,
            key=key_in(self.body) or "",
            content=facts_in(self.body).get("content", ""),
            draft=self.draft,
            labels=self.labels,
        )

    def said(self) -> tuple[Comment, ...]:
        return tuple(
            Comment(
                each.get("id", ""),
                each.get("author", ""),
                each.get("body", ""),
                each.get("at", ""),
                key=comment_key_in(each.get("body", "")),
            )
            for each in self.comments
        )


class Documents:
    """A file is written whole or not at all, and one that is not ours is never written over."""

    def __init__(self, folder: Path, forbidden: Iterable[Path]) -> None:
        """Raises ConfigurationError when the folder lies in one that is forbidden or is not a folder."""
        self._folder = folder.resolve()
        for place in forbidden:
            if self._folder.is_relative_to(place.resolve()):
                raise ConfigurationError(
                    f"the folder for pull requests, {self._folder}, lies within the repository {place}",
                    remedy="choose a folder outside it, so that pull requests are not committed by mistake",
                )
        if self._folder.exists() and not self._folder.is_dir():
            raise ConfigurationError(
                f"the folder for pull requests, {self._folder}, is a file", remedy="choose a folder"
            )

    def of(self, branch: str) -> tuple[Document, ...]:
        """Newest first. Raises HostConflictError where a file of somebody else's has the name."""
        found = []
        for number in range(1, 1000):
            path = self._path(branch, number)
            if not path.is_symlink() and not path.exists():
                break
            found.append(self._read(path, branch, number))
        return tuple(reversed(found))

    def all(self) -> tuple[Document, ...]:
        """Those of every branch; files that are none are left out."""
        if not self._folder.is_dir():
            return ()
        branches = {}
        for path in sorted(self._folder.glob("*.md")):
            try:
                front = _front(self._bytes(path))
            except GitHostError:
                continue
            if isinstance(branch := front.get("branch"), str) and path == self._path(branch, _number(front)):
                branches[branch] = path
        return tuple(document for branch in branches for document in self.of(branch))

    def url(self, document: Document) -> str:
        return self._path(document.branch, int(document.number)).as_uri()

    def create(self, document: Document) -> Document:
        """Under the next free number; of several processes at once one gets it, and the others find it."""
        for number in range(1, 1000):
            path = self._path(document.branch, number)
            made = replace(document, number=str(number))
            if self._written(path, made, fresh=True):
                return made
            found = self._read(path, document.branch, number)
            if found.state is PullRequestState.OPEN:
                return found
        raise GitHostError(f"{document.branch} has a thousand pull requests", remedy="move the old files away")

    def update(self, document: Document) -> Document:
        path = self._path(document.branch, int(document.number))
        if self._read(path, document.branch, int(document.number)) != document:
            self._written(path, document, fresh=False)
        return document

    def _written(self, path: Path, document: Document, *, fresh: bool) -> bool:
        """Written beside its place, then linked or renamed there. False where `fresh` finds one there already."""
        temporary = self._folder / f".{secrets.token_hex(8)}.tmp"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open("xb") as stream:
                    stream.write(_text(document).encode("utf-8", "replace"))
                if fresh:
                    path.hardlink_to(temporary)
                else:
                    temporary.replace(path)
            except FileExistsError:
                return False
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise GitHostError(
                f"the pull request cannot be written to {path} ({error.strerror})",
                remedy="put that right and run it again: its branch is there and will be found",
            ) from error
        return True

    def _path(self, branch: str, number: int) -> Path:
        again = "" if number == 1 else f"-{number}"
        return self._folder / f"{branch.replace('/', '-')}{again}.md"

    def _read(self, path: Path, branch: str, number: int) -> Document:
        data = self._bytes(path)
        front = _front(data)
        if path.is_symlink() or front.get("branch") != branch or _number(front) != number:
            raise HostConflictError(f"{path} is there already and is not iacfix's", remedy="move it away")
        body = _FRONT.sub("", data.decode("utf-8", "replace"), count=1)
        return _document(front, body, number)

    def _bytes(self, path: Path) -> bytes:
        try:
            if path.is_symlink() or not path.is_file():
                return b""
            with path.open("rb") as stream:
                return stream.read(MAX_BYTES)
        except OSError as error:
            raise GitHostError(f"{path} cannot be read ({error.strerror})") from error


def _text(document: Document) -> str:
    facts: dict[str, object] = {
        "number": document.number,
        "branch": document.branch,
        "target": document.target,
        "base": document.base,
        "commit": document.commit,
        "title": document.title,
        "key": document.key,
        "state": document.state.value,
        "draft": document.draft,
        "labels": list(document.labels),
        "reviewers": list(document.reviewers),
        "comments": [dict(each) for each in document.comments],
    }
    # A JSON value is a YAML value too, so nothing in a title can end the front matter.
    front = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in facts.items())
    body = document.body if document.body.endswith("\n") else f"{document.body}\n"
    return f"---\n{front}---\n\n{body}"


def _front(data: bytes) -> Mapping[str, object]:
    """What is no JSON is left out: nobody but a person writes it so."""
    found = _FRONT.match(data.decode("utf-8", "replace"))
    facts: dict[str, object] = {}
    for line in found["front"].splitlines() if found else ():
        name, _, value = line.partition(": ")
        try:
            facts[name] = json.loads(value)
        except (ValueError, RecursionError):
            facts[name] = value.strip()
    return facts


def _number(front: Mapping[str, object]) -> int:
    text = str(front.get("number", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0  # noqa: PLR2004 - under a thousand


def _document(front: Mapping[str, object], body: str, number: int) -> Document:
    state = str(front.get("state", ""))
    comments = front.get("comments")
    return Document(
        number=str(number),
        branch=str(front.get("branch", "")),
        target=str(front.get("target", "")),
        base=str(front.get("base", "")),
        commit=str(front.get("commit", "")),
        title=str(front.get("title", "")),
        key=str(front.get("key", "")),
        body=body,
        # What a person writes there and means by it is theirs: anything but open is closed.
        state=PullRequestState(state) if state in set(PullRequestState) else PullRequestState.CLOSED,
        draft=front.get("draft") is True,
        labels=_texts(front.get("labels")),
        reviewers=_texts(front.get("reviewers")),
        comments=tuple(
            {str(name): str(value) for name, value in cast("dict[object, object]", each).items()}
            for each in (comments if isinstance(comments, list) else ())
            if isinstance(each, dict)
        ),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
