"""What a user can say about where findings are asked for, and where it is told what became of them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SecurityHubSettings:
    """`region` "" is the environment's: the one that findings are aggregated in. `api` is v1 (ASFF) or v2 (OCSF)."""

    region: str = ""
    role_arn: str = ""
    external_id: str = ""
    api: str = "v1"


@dataclass(frozen=True, slots=True)
class WizSettings:
    """`api` is the tenant's endpoint, "" where there is no Wiz; `auth` where tokens are given, "" the usual place."""

    api: str = ""
    auth: str = ""
    rescan: bool = True
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
