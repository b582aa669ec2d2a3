import pytest

from iacfix.iac.cloudformation.links import is_link, link
from iacfix.iac.values import CallValue, Known, Reference, Template, Value

ARN = Reference(("Logs", "Arn"))


def test_a_link_is_a_reference_as_the_catalogue_writes_it() -> None:
    assert link("Logs", "Ref") == Reference(("Logs",))
    assert link("Logs", "GetAtt.Arn") == ARN
    assert link("Logs", "GetAtt.Endpoint.Address") == Reference(("Logs", "Endpoint.Address"))


@pytest.mark.parametrize(
    ("value", "linked"),
    [
        (ARN, True),
        (Template((ARN,)), True),
        (Template((ARN, Known("/*"))), False),
        (Reference(("Logs",)), False),
        (Reference(("Other", "Arn")), False),
        (CallValue("Fn::If", (Known("C"), ARN, ARN)), False),
        (Known("Logs.Arn"), False),
        (None, False),
    ],
)
def test_only_the_reference_itself_links(value: Value | None, linked: bool) -> None:  # noqa: FBT001 - a column
    assert is_link(value, "Logs", "GetAtt.Arn") is linked
