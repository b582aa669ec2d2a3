"""What a message of a queue, a topic or a bus becomes: its findings, each handled, whoever delivered it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from iacfix.domain.errors import IacfixError, InputError
from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.findings import read_findings
from iacfix.workflows.intake import Handled, Intake


class UnfinishedError(IacfixError):
    """Something in a message could not be done now: it is to be delivered again. What was done is found then."""


@dataclass(frozen=True, slots=True)
class Messages:
    """`run` gives what handles one message."""

    run: Callable[[], Intake]

    def handle(self, body: str, message_id: str) -> tuple[Handled, ...]:
        """One finding costs no other its turn. Raises UnfinishedError with the first reason."""
        intake = self.run()
        done: list[Handled] = []
        failed: list[IacfixError] = []
        for read in opened(body, message_id):
            try:
                done.append(intake.handle(read))
            except IacfixError as error:
                failed.append(error)
        if failed:
            more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            raise UnfinishedError(f"{failed[0].what}{more}", remedy=failed[0].remedy) from failed[0]
        return tuple(done)


def opened(body: str, message_id: str) -> tuple[FindingRead, ...]:
    """What cannot be read is an InvalidFinding under the id of its message: nothing is lost."""
    try:
        read = read_findings(body.encode("utf-8", "surrogatepass"))
    except InputError as error:
        return (InvalidFinding("message", 0, "body", error.what, message_id),)
    return tuple(each if isinstance(each, Finding) else replace(each, id=each.id or message_id) for each in read)
