"""Who asks GitHub, and how fast."""

from dataclasses import dataclass, field

from iacfix.adapters.git_hosts.pacing import PATIENCE

SECONDS_BETWEEN_REQUESTS = 0.1
SECONDS_BETWEEN_WRITES = 1.0
WRITES_A_MINUTE, WRITES_AN_HOUR = 80, 500
"""GitHub asks for a second between writes and allows 80 that create content a minute and 500 an hour, and 900 points
a minute, of which a read costs one and a write five ("Rate limits for the REST API", GitHub Docs). It counts them for
each user, so processes that share a user share that room: whoever meets the limit all the same waits as long as GitHub
says, or gets a HostRateLimitedError where that is too long.
"""


@dataclass(frozen=True, slots=True)
class Token:
    """A personal access token, an installation's, or the GITHUB_TOKEN of a workflow."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AppInstallation:
    """A GitHub App: its tokens are made as they are needed and renewed before they expire.

    `installation` 0: the one of the repository, which GitHub is asked for.
    """

    app_id: str
    private_key: str = field(repr=False)
    installation: int = 0


Credentials = Token | AppInstallation


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds to leave between requests and between writes, and how often a read is tried again after a fault, and any
    request after a limit, where `patience` (seconds) is enough. Limits that are 0 are none.
    """

    between_requests: float = SECONDS_BETWEEN_REQUESTS
    between_writes: float = SECONDS_BETWEEN_WRITES
    retries: int = 2
    writes_a_minute: int = WRITES_A_MINUTE
    writes_an_hour: int = WRITES_AN_HOUR
    patience: float = PATIENCE


DEFAULT_PACE = Pace()
