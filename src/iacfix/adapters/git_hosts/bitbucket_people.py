"""Who people are on Bitbucket. Accounts are known by their UUID in braces alone: nicknames are nobody's own, and
user names are gone. So a comment's author is a UUID, and a nickname is somebody only where one member has it.
"""

import re
from collections.abc import Collection
from json import dumps
from urllib.parse import quote

from iacfix.adapters.git_hosts.answers import Record, record, text, text_or_nothing
from iacfix.adapters.git_hosts.bitbucket_client import BitbucketClient
from iacfix.domain.change_request import Access
from iacfix.domain.errors import HostForbiddenError, HostRefusedError

_UUID = re.compile(r"\{[0-9a-fA-F-]{32,36}\}")
_ACCOUNT_ID = re.compile(r"[0-9]{1,12}:[0-9a-f-]{36}|[0-9a-f]{24}")
_PAGE = "100"
_WRITES = {"write", "admin"}


class BitbucketPeople:
    """`writers` are UUIDs of those who may write, for a token that may not ask Bitbucket about it."""

    def __init__(self, client: BitbucketClient, writers: Collection[str]) -> None:
        self._client = client
        self._writers = frozenset(each.lower() for each in writers)
        self._all: tuple[Record, ...] | None = None
        self._own: str | None = None

    def own(self) -> str:
        """Our own UUID; "" where the token may not ask, as access tokens of a repository may not."""
        if self._own is None:
            try:
                self._own = text(self._client.get("/user", whole_host=True), "uuid")
            except HostForbiddenError:
                self._own = ""
        return self._own

    def is_own(self, author: str) -> None:
        """Whoever made something with our token is us."""
        self._own = author

    def uuid(self, name: str) -> str:
        """By UUID, account id, address of mail or nickname; "" where nobody is known by it, or several are."""
        if _UUID.fullmatch(name):
            return name.lower()
        if not name.strip():
            return ""
        try:
            named = self._named(name)
        except (HostForbiddenError, HostRefusedError):
            return ""
        return text(named[0], "uuid").lower() if len(named) == 1 else ""

    def default_reviewers(self) -> tuple[str, ...]:
        """Of the repository and its project; none where the token may not ask."""
        try:
            found = tuple(self._client.pages("/effective-default-reviewers", {"pagelen": _PAGE}))
        except HostForbiddenError:
            return ()
        return tuple(text(record(each.get("user")), "uuid").lower() for each in found)

    def _named(self, name: str) -> tuple[Record, ...]:
        """Addresses can be asked for by administrators of the workspace, and stand in no answer."""
        if _ACCOUNT_ID.fullmatch(name):
            found = self._client.find(f"{self._path()}/{quote(name)}", whole_host=True)
            return (record(found.get("user")),) if found is not None else ()
        if "@" in name:
            return self._members(("q", f"user.email IN ({dumps(name)})"))
        if self._all is None:
            self._all = self._members()
        return tuple(each for each in self._all if text_or_nothing(each, "nickname").lower() == name.lower())

    def _members(self, *more: tuple[str, str]) -> tuple[Record, ...]:
        listed = self._client.pages(self._path(), [*more, ("pagelen", _PAGE)], whole_host=True)
        return tuple(record(each.get("user")) for each in listed)

    def _path(self) -> str:
        return f"/workspaces/{self._client.workspace}/members"

    def access(self, login: str) -> Access:
        """The highest that they have, through groups too; whoever has none may read what is public. Bitbucket tells it
        to administrators of the repository alone. Raises HostForbiddenError where we are none and know no writers.
        """
        uuid = self.uuid(login)
        if not uuid:
            return Access.NONE
        if uuid in self._writers:
            return Access.WRITE
        path = f"/workspaces/{self._client.workspace}/permissions/repositories/{self._client.slug}"
        try:
            found = tuple(self._client.pages(path, {"q": f'user.uuid="{uuid}"', "pagelen": _PAGE}, whole_host=True))
        except HostForbiddenError as error:
            if self._writers:
                return Access.NONE
            raise HostForbiddenError(
                f"who may write is told to administrators of the repository alone: {error.what}",
                remedy="give a token with the scope repository:admin, or name the writers in the configuration",
            ) from None
        held = {text(each, "permission") for each in found if text(record(each.get("user")), "uuid").lower() == uuid}
        if held & _WRITES:
            return Access.WRITE
        is_public = self._client.get("").get("is_private") is False
        return Access.READ if "read" in held or is_public else Access.NONE
