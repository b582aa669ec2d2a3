from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iacfix.domain.finding import FindingRead


@dataclass(frozen=True, slots=True)
class Reader:
    """One format. `recognises` looks at a parsed file and may be asked about any JSON value; so may `read`, which
    yields an InvalidFinding for whatever it cannot use and raises nothing.
    """

    name: str
    description: str
    recognises: Callable[[object], bool]
    read: Callable[[object], Iterator[FindingRead]]
