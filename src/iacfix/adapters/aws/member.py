"""Clients in the accounts of others, through a role, in the name of one finding."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boto3.session import Session
from botocore.config import Config

from iacfix.adapters.aws.session import telling
from iacfix.ports import CloudReadError

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from iacfix.ports.posture import At

CORRELATION = "iacfix-correlation"
_LONGEST_NAME = 64  # of a session
_ODD = re.compile(r"[^\w+=,.@-]")


@dataclass(frozen=True, slots=True)
class MemberRole:
    """`arn` has `{account}` in it; "" acts as whoever runs this. Only `accounts` are gone to."""

    arn: str
    accounts: frozenset[str]
    external_id: str = ""


@dataclass
class Members:
    """Sessions are kept for a correlation at most: its name and tags tell it from any other in CloudTrail."""

    role: MemberRole
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    _clients: dict[tuple[str, str, str, str], "BaseClient"] = field(default_factory=dict, repr=False)
    _own: Session | None = field(default=None, repr=False)

    def client(self, service: str, at: "At", correlation: str) -> "BaseClient":
        """Not retried: whoever asks does that. Raises CloudReadError."""
        if at.account not in self.role.accounts:
            raise CloudReadError(f"{at.account} is not among the accounts that may be gone to", remedy="name it")
        key = (service, at.account, at.region, correlation)
        if key not in self._clients:
            if any(each[3] != correlation for each in self._clients):
                self._clients.clear()
            with telling(f"the role {self.role.arn}", ("sts:AssumeRole", "sts:TagSession")):
                session = self._session(at, correlation)
                self._clients[key] = session.client(service, config=self._config())  # type: ignore[call-overload] # any service
        return self._clients[key]

    def _session(self, at: "At", correlation: str) -> Session:
        if self._own is None:
            self._own = Session()
        if not self.role.arn:
            return Session(region_name=at.region)
        sts = self._own.client("sts", region_name=at.region, config=self._config())
        arn = self.role.arn.replace("{account}", at.account)
        name = _ODD.sub("-", f"iacfix-{correlation}")[:_LONGEST_NAME]
        tags = [{"Key": CORRELATION, "Value": correlation}]
        outer: Mapping[str, str] = {"ExternalId": self.role.external_id} if self.role.external_id else {}
        taken = sts.assume_role(RoleArn=arn, RoleSessionName=name, Tags=tags, **outer)["Credentials"]  # type: ignore[arg-type] # a tag is what it is
        return Session(
            aws_access_key_id=taken["AccessKeyId"],
            aws_secret_access_key=taken["SecretAccessKey"],
            aws_session_token=taken["SessionToken"],
            region_name=at.region,
        )

    def _config(self) -> Config:
        return Config(
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            retries={"total_max_attempts": 1, "mode": "standard"},
            user_agent_extra="iacfix",
        )
