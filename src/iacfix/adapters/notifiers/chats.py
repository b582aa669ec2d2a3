"""Slack and Teams by their webhooks: an address that is a secret, and a message that goes there.

What was said cannot be looked for; who has been told is in the store of what was told.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from iacfix.adapters.git_hosts.failures import Failures
from iacfix.adapters.git_hosts.pacing import SYSTEM_CLOCK, Clock, Limit, Turns
from iacfix.adapters.notifiers.rest import Limits, Rest, Twice, checked, telling
from iacfix.domain.errors import NotifierError
from iacfix.domain.notice import Notice, Summary
from iacfix.notices.slack import slack_notice, slack_summary
from iacfix.notices.teams import teams_notice, teams_summary

SLACK: Final = Failures(
    "Slack",
    re.compile(r"\bxox[a-z]-[\w-]{8,}|\bT[A-Z0-9]{6,}/B[A-Z0-9]{6,}/\w+"),
    needs="the workspace does not let this webhook post: ask its administrators",
    place="make the webhook anew: it or its channel is gone",
)
TEAMS: Final = Failures(
    "Teams",
    re.compile(r"\bsig=[\w%-]{8,}"),
    needs="the flow does not take it: see who may trigger it",
    place="make the webhook anew: it is gone",
)
# Slack wants no more than a message a second and lets bursts pass; who goes on over it is switched off ("Rate limits").
# Teams puts off whoever sends more than four a second.
PACE: Final = (Limit(10, 10.0),)
_SECRET_LENGTH = 12  # of a piece of an address that nobody else could guess


class SlackNotifier:
    """An incoming webhook. Implements ports.notifier.Notifier."""

    def __init__(self, webhook: str, *, limits: Limits | None = None, clock: Clock = SYSTEM_CLOCK) -> None:
        """Raises ConfigurationError."""
        self._webhook = _Webhook(SLACK, webhook, limits or Limits(), clock)

    @property
    def name(self) -> str:
        return "slack"

    def tell(self, notice: Notice, before: str = "") -> str:  # noqa: ARG002 - there is no link to a message
        self._webhook.post(slack_notice(notice), "ok")
        return ""

    def summarize(self, summary: Summary) -> None:
        self._webhook.post(slack_summary(summary), "ok")


class TeamsNotifier:
    """A flow of the Workflows app, or an incoming webhook. Implements ports.notifier.Notifier."""

    def __init__(self, webhook: str, *, limits: Limits | None = None, clock: Clock = SYSTEM_CLOCK) -> None:
        """Raises ConfigurationError."""
        self._webhook = _Webhook(TEAMS, webhook, limits or Limits(), clock)

    @property
    def name(self) -> str:
        return "teams"

    def tell(self, notice: Notice, before: str = "") -> str:  # noqa: ARG002 - as with Slack
        self._webhook.post(teams_notice(notice), "1")
        return ""

    def summarize(self, summary: Summary) -> None:
        self._webhook.post(teams_summary(summary), "1")


class _Webhook:
    def __init__(self, failures: Failures, address: str, limits: Limits, clock: Clock) -> None:
        checked(address, failures.host)
        parts = urlsplit(address)
        pieces = (each for each in re.split(r"[/?&=]", f"{parts.path}?{parts.query}") if len(each) >= _SECRET_LENGTH)
        secrets = (address, parts.path.lstrip("/"), parts.query, *pieces)
        self._turns = Turns(PACE, patience=limits.patience, clock=clock)
        self._rest = Rest(failures, address, secrets=tuple(filter(None, secrets)), limits=limits, clock=clock)

    def post(self, payload: Mapping[str, object], done: str) -> None:
        """A body other than `done` is a refusal, whatever the status says: the older webhooks of Teams answer 200 then.
        A flow answers nothing at all.
        """
        with telling(makes=True):
            self._turns.take()
            answer = self._rest.ask("POST", "", payload, twice=Twice.AFTER_FAULT)
        said = answer.body.decode("utf-8", "replace").strip()
        if said not in {"", done}:
            host = self._rest.failures.host
            told = self._rest.failures.clean(said, *self._rest.secrets)
            raise NotifierError(f"{host} did not take it: {told}", remedy="see the webhook")
