"""Pull requests as Markdown files in a folder of their own."""

import json
import secrets
from collections.abc import Iterable
from pathlib import Path

from iacfix.domain.change_request import ChangeRequest
from iacfix.domain.errors import ConfigurationError, GitHostError


class Documents:
    """One file for each branch. A file that is there is never changed, unless its branch is made anew."""

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

    def check(self, request: ChangeRequest) -> None:
        """Raises GitHostError when a file of somebody else's is in the way."""
        self._is_there(request)

    def ensure(self, request: ChangeRequest, commit: str) -> str:
        """The URL of the file, which is written only when it is missing."""
        return self._path(request).as_uri() if self._is_there(request) else self.write(request, commit)

    def write(self, request: ChangeRequest, commit: str) -> str:
        """Whole or not at all: written beside its place, then renamed. Returns its URL."""
        path = self._path(request)
        temporary = self._folder / f".{secrets.token_hex(8)}.tmp"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open("xb") as stream:
                    stream.write(_document(request, commit).encode("utf-8", "replace"))
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise GitHostError(
                f"the pull request cannot be written to {path} ({error.strerror})",
                remedy="put that right and run it again: its branch is there and will be found",
            ) from error
        return path.as_uri()

    def _path(self, request: ChangeRequest) -> Path:
        return self._folder / f"{request.branch.replace('/', '-')}.md"

    def _is_there(self, request: ChangeRequest) -> bool:
        path = self._path(request)
        try:
            if not path.is_symlink() and not path.exists():
                return False
            ours = not path.is_symlink() and path.is_file() and request.key.encode() in path.read_bytes()
        except OSError as error:
            raise GitHostError(f"{path} cannot be read ({error.strerror})") from error
        if not ours:
            raise GitHostError(f"{path} is there already and is not iacfix's", remedy="move it away")
        return True


def _document(request: ChangeRequest, commit: str) -> str:
    facts = {
        "branch": request.branch,
        "base": request.base,
        "commit": commit,
        "title": request.title,
        "key": request.key,
    }
    # A JSON string is a YAML string too, so nothing in a title can end the front matter.
    front = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in facts.items())
    body = request.body if request.body.endswith("\n") else f"{request.body}\n"
    return f"---\n{front}---\n\n{body}"
