"""What CloudTrail tells of a resource: who changed it within the last days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from iacfix.adapters.aws.tables import telling_of
from iacfix.domain.finding import CloudResource
from iacfix.ports import CloudReadError
from iacfix.ports.activity import Activity, ActivityError

if TYPE_CHECKING:
    from iacfix.adapters.aws.session import Clients

DAYS: Final = 7  # of the 90 that CloudTrail keeps
MOST_A_CALL: Final = 50
_CONNECT_TIMEOUT: Final = 5.0  # seconds, both
_READ_TIMEOUT: Final = 10.0
_MAX_ATTEMPTS: Final = 3  # CloudTrail takes two calls a second
_MOST_NAMES: Final = 2
_PERMISSIONS = ("cloudtrail:LookupEvents",)


class Trail(Protocol):
    """What is used of boto3's client."""

    def lookup_events(self, **asked: object) -> Mapping[str, object]: ...


class CloudTrailActivity:
    """Implements ports.activity.ActivityReader, for the account of the credentials. What only reads is left out.

    A resource is asked for by its name and by its identifier: services call it differently.
    """

    def __init__(self, *, days: int = DAYS) -> None:
        self._days = days
        self._clients: Clients | None = None
        self._known: dict[str, Trail] = {}

    def recent(self, resource: CloudResource, most: int) -> Sequence[Activity]:
        names = dict.fromkeys(filter(None, (resource.name, resource.identifier)))
        start = datetime.now(UTC) - timedelta(days=self._days)
        found: dict[str, Activity] = {}
        for name in list(names)[:_MOST_NAMES]:
            with telling_of("the events of CloudTrail", _PERMISSIONS, ActivityError):
                answer = self._client(resource.region).lookup_events(
                    LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": name}],
                    StartTime=start,
                    MaxResults=MOST_A_CALL,
                )
                found |= dict(_changes(answer.get("Events")))
        return sorted(found.values(), key=lambda each: each.at, reverse=True)[:most]

    def _client(self, region: str) -> Trail:
        from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        if self._clients is None:
            self._clients = Clients(
                connect_timeout=_CONNECT_TIMEOUT, read_timeout=_READ_TIMEOUT, max_attempts=_MAX_ATTEMPTS
            )
        if region not in self._known:
            try:
                self._known[region] = self._clients.cloudtrail(region)
            except CloudReadError as error:
                raise ActivityError(error.what, remedy=error.remedy) from None
        return self._known[region]


def _changes(events: object) -> Iterator[tuple[str, Activity]]:
    """By their ids."""
    for each in events if isinstance(events, list) else ():
        at = each["EventTime"]
        if each.get("ReadOnly") == "true" or not isinstance(at, datetime):
            continue
        what = f"{each.get('EventName', 'an event')} of {each.get('EventSource', 'a service')}"
        who = str(each.get("Username", "somebody"))
        yield str(each["EventId"]), Activity(at.astimezone(UTC).isoformat(timespec="seconds"), who, what)
