"""Messages that nobody could finish: what they are about, why they failed, and what becomes of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from iacfix.domain.audit import AuditResult
from iacfix.domain.finding import Finding, FindingRead
from iacfix.ledger.identity import ledger_key
from iacfix.ports.queue import Delivery, Queue
from iacfix.workflows.record import ATTEMPT_FAILED, Recorder

# Long enough to look at them and decide; they are given back before.
HOLD = 300
# Findings of one message that its record names.
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class About:
    """One finding of a message. `reason` is why the last attempt failed, "" where the ledger tells of none."""

    control: str
    account: str
    resource: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Letter:
    delivery: Delivery
    about: tuple[About, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to be so of a letter; "" and 0 ask nothing. `control` may have `*`; `older` and `newer` in seconds. Of
    several findings in one, any may fit.
    """

    older: float = 0
    newer: float = 0
    reason: str = ""
    control: str = ""
    account: str = ""
    id: str = ""

    def fits(self, letter: Letter, now: float) -> bool:
        age = now - letter.delivery.sent_at
        if (self.older and age < self.older) or (self.newer and age > self.newer):
            return False
        if self.id and letter.delivery.id != self.id:
            return False
        asked = self.reason or self.control or self.account
        return not asked or any(self._of(each) for each in letter.about)

    def _of(self, about: About) -> bool:
        return (
            (not self.reason or self.reason.casefold() in about.reason.casefold())
            and (not self.control or fnmatchcase(about.control, self.control))
            and (not self.account or about.account == self.account)
        )


@dataclass(frozen=True)
class DeadLetters:
    """`opened` reads a body; `known` gives a finding as its key is made of it, and its repository's name. `now` is in
    seconds since 1970. `hold`: for so many seconds nobody else gets them; it has to do for all that is done to them.
    """

    queue: Queue
    opened: Callable[[str], Sequence[FindingRead]]
    known: Callable[[Finding], tuple[Finding, str]]
    recorder: Recorder
    now: Callable[[], float]
    hold: int = HOLD

    def letters(self, wanted: Wanted, most: int) -> tuple[Letter, ...]:
        """Those that fit, oldest first, and held; all others are given back."""
        seen: dict[str, Letter] = {}
        kept: list[Letter] = []
        while len(kept) < most:
            batch = [each for each in self.queue.receive(wait=1, hold=self.hold) if each.id not in seen]
            if not batch:
                break
            letters = [Letter(each, tuple(self._about(each.body))) for each in batch]
            seen |= {each.delivery.id: each for each in letters}
            kept += [each for each in letters if wanted.fits(each, self.now())]
        kept = sorted(kept, key=lambda each: each.delivery.sent_at)[:most]
        names = {each.delivery.id for each in kept}
        self.queue.hold([each.delivery for name, each in seen.items() if name not in names], 0)
        return tuple(kept)

    def give_back(self, letters: Sequence[Letter]) -> None:
        self.queue.hold([each.delivery for each in letters], 0)

    def replay(self, letter: Letter, to: Queue) -> None:
        """Sent first, then deleted: cut short between them it is there twice, and what was done once is found."""
        to.send(letter.delivery.body)
        self.recorder.note_of(
            letter.delivery.id, "message.replayed", AuditResult.DONE, _said("a person sent it again", letter)
        )
        self.queue.delete(letter.delivery)

    def discard(self, letter: Letter, reason: str) -> None:
        """Recorded first, then deleted: nothing goes unseen."""
        self.recorder.note_of(letter.delivery.id, "message.discarded", AuditResult.SKIPPED, _said(reason, letter))
        self.queue.delete(letter.delivery)

    def _about(self, body: str) -> Iterator[About]:
        for read in self.opened(body):
            if not isinstance(read, Finding):
                yield About("", "", "", "rejected", read.reason)
                continue
            finding, repository = self.known(read)
            entry = self.recorder.store.get(ledger_key(finding, repository))
            reason = entry.reason.removeprefix(ATTEMPT_FAILED) if entry is not None else ""
            resource = finding.resource
            yield About(
                finding.control or finding.check_id,
                resource.account,
                resource.identifier,
                entry.state.value if entry is not None else "unknown",
                reason,
            )


def _said(reason: str, letter: Letter) -> str:
    """Once it is gone, the record alone tells what it was about."""
    told = [f"{each.control} of {each.resource} in {each.account or 'no account'}" for each in letter.about]
    more = f" and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    return f"{reason} (about {'; '.join(told[:MOST_TOLD]) or 'no finding'}{more})"
