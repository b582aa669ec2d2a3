import pytest

from iacfix.config import RemediationSettings
from iacfix.entry.remediation import ACTOR, rules_from


@pytest.mark.parametrize(("person", "asks"), [("", ACTOR), (" ", ACTOR), (" ann ", "ann")])
def test_who_asks_is_a_person_where_one_is_named(person: str, asks: str) -> None:
    """Else nobody could be told from the one who answers."""
    settings = RemediationSettings(accounts=("123456789012",), role_arn="arn:aws:iam::{account}:role/r")
    assert rules_from(settings, "policy", person).asking.requested_by == asks
