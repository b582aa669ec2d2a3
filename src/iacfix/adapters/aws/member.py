"""Clients in the accounts of others, through a role, in the name of one finding."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boto3.session import Session
from botocore.config import Config

from iacfix.adapters.aws.posture import TAG as CORRELATION
from iacfix.adapters.aws.role import Role
from iacfix.adapters.aws.session import acting_as, fresh_session, telling
from iacfix.ports import CloudReadError
from iacfix.ports.posture import At

if TYPE_CHECKING:
    from botocore.client import BaseClient

_LONGEST_NAME = 64  # of a session
_MOST_SESSIONS = 8
_ODD = re.compile(r"[^\w+=,.@-]")


@dataclass(frozen=True, slots=True)
class MemberRole:
    """`arn` has `{account}` in it; "" acts as whoever runs this. Only `accounts` are gone to."""

    arn: str
    accounts: frozenset[str]
    external_id: str = ""


@dataclass
class Members:
    """A session for each finding that is worked on: its name and tags tell it from any other in CloudTrail."""

    role: MemberRole
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    _sessions: dict[tuple[At, str], Session] = field(default_factory=dict, repr=False)
    _clients: dict[tuple[str, At, str], "BaseClient"] = field(default_factory=dict, repr=False)

    def client(self, service: str, at: At, correlation: str) -> "BaseClient":
        """Not retried: whoever asks does that. Raises CloudReadError."""
        if at.account not in self.role.accounts:
            raise CloudReadError(f"{at.account} is not among the accounts that may be gone to", remedy="name it")
        key = (service, at, correlation if self.role.arn else "")
        if key not in self._clients:
            with telling(f"the role {self.role.arn}", ("sts:AssumeRole", "sts:TagSession")):
                session = self._session(at, correlation)
                self._clients[key] = session.client(service, config=self._config())  # type: ignore[call-overload] # any service
        return self._clients[key]

    def _session(self, at: At, correlation: str) -> Session:
        own = fresh_session(at.region)
        if not self.role.arn:
            return own
        key = (at, correlation)
        if key not in self._sessions:
            if len(self._sessions) == _MOST_SESSIONS:
                self._sessions.clear()
                self._clients.clear()
            arn = self.role.arn.replace("{account}", at.account)
            name = _ODD.sub("-", f"iacfix-{correlation}")[:_LONGEST_NAME]
            made = acting_as(Role(arn, self.role.external_id, name), own, {CORRELATION: correlation})
            if (keys := made.get_credentials()) is not None:
                keys.get_frozen_credentials()  # a role that is refused is told here, by its name
            self._sessions[key] = made
        return self._sessions[key]

    def _config(self) -> Config:
        return Config(
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            retries={"total_max_attempts": 1, "mode": "standard"},
            user_agent_extra="iacfix",
        )
