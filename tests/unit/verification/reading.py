"""A reader of postures that answers what it was given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iacfix.ports.posture import Answer, At, PostureError

Said = Answer | PostureError


@dataclass
class Given:
    """By operation, the answers in turn, the last for ever; nothing known is asked for without an answer."""

    answers: Mapping[str, tuple[Said, ...]]
    asked: list[tuple[str, str, Mapping[str, object], At]] = field(default_factory=list)

    def read(self, service: str, operation: str, parameters: Mapping[str, object], at: At) -> Answer:
        before = sum(each[1] == operation for each in self.asked)
        self.asked.append((service, operation, parameters, at))
        said = self.answers[operation]
        answer = said[min(before, len(said) - 1)]
        if isinstance(answer, PostureError):
            raise answer
        return answer


@dataclass
class Same:
    """Says one thing to whatever is asked."""

    answer: Answer

    def read(self, service: str, operation: str, parameters: Mapping[str, object], at: At) -> Answer:  # noqa: ARG002 - the port's
        return self.answer
