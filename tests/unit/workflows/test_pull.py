from collections.abc import Sequence
from dataclasses import dataclass

from iacfix.ports.findings_source import Page, Raw, Wanted
from iacfix.workflows.pull import Pull


@dataclass
class Circling:
    """Each page leads to the next of `ways`, the last to itself."""

    ways: Sequence[str]
    asked: int = 0
    name: str = "security-hub"

    def page(self, wanted: Wanted, after: str = "") -> Page:  # noqa: ARG002 - the port's
        self.asked += 1
        return Page(({"Id": str(self.asked)},), self.ways[min(self.asked, len(self.ways)) - 1])

    def place_of(self, raw: Raw) -> tuple[str, str]:  # noqa: ARG002 - the port's
        return "high", "123456789012"


def test_a_page_that_leads_to_itself_ends_a_pull() -> None:
    source = Circling(("a", "b"))
    pulling = Pull(source, Wanted())
    assert len(list(pulling.findings())) == 3
    assert (source.asked, pulling.after, "the same page again" in pulling.stopped) == (3, "b", True)


def test_a_pull_ends_with_its_last_page() -> None:
    pulling = Pull(Circling(("a", "")), Wanted())
    assert len(list(pulling.findings())) == 2
    assert (pulling.after, pulling.stopped) == ("", "")
