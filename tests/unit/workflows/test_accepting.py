from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from iacfix.ports.stores import Row
from iacfix.triage.exceptions import RiskException, Scope
from iacfix.triage.exceptions_rows import row_of
from iacfix.workflows.accepting import Acceptance

TODAY = date(2026, 5, 10)
RISK = RiskException(
    Scope(control="s3-versioning", resource="logs"), "ann", "later", date(2026, 5, 1), date(2026, 6, 1)
)


@dataclass
class Table:
    rows: dict[str, Row]
    name: str = field(default="a table")

    def read(self, prefix: str) -> dict[str, Row]:
        return {key: row for key, row in self.rows.items() if key.startswith(prefix)}

    def add(self, key: str, row: Row) -> bool:
        return self.rows.setdefault(key, row) is row

    def put(self, key: str, row: Row) -> None:
        self.rows[key] = row

    def delete(self, key: str) -> None:
        del self.rows[key]


def test_what_somebody_wrote_under_a_key_of_their_own_is_ended_too() -> None:
    other = replace(RISK, reason="another")
    table = Table(
        {
            "exception#logs": row_of(RISK),
            "exception#again": row_of(replace(RISK, until=date(2026, 7, 1))),
            "exception#other": row_of(other),
        }
    )
    work = Acceptance(None, now=lambda: datetime(2026, 5, 10, 12, tzinfo=UTC))
    work.expire_shared(RISK, "it is needed no more", table)
    assert [each for each in work.shared(table) if each.holds(TODAY)] == [other]
    assert len(table.rows) == 3
