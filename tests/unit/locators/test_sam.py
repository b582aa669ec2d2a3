import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.iac.entry import CLOUDFORMATION, Entry
from iacfix.locators.sam import parent_of

HASH = "0a1b2c3d4e"


def resource(logical_id: str, kind: str = "Function", path: str = "sam.yaml") -> tuple[str, Entry]:
    full = kind if "::" in kind else f"AWS::Serverless::{kind}"
    return path, Entry(CLOUDFORMATION, (full, logical_id), 0, 1, 1, 1, {})


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("Function", "Role"),
        ("Function", f"Version{HASH}"),
        ("Function", "Aliaslive"),
        ("Function", "Url"),
        ("Function", "UrlPublicPermissions"),
        ("Function", "DeploymentGroup"),
        ("Function", "EventInvokeConfig"),
        ("Function", "GetOrderPermission"),
        ("Function", "GetOrderPermissionProd"),
        ("StateMachine", "Role"),
        ("StateMachine", f"Version{HASH}"),
        ("StateMachine", "Aliaslive"),
        ("Api", f"Deployment{HASH}"),
        ("Api", "ProdStage"),
        ("HttpApi", "ApiGatewayDefaultStage"),
        ("HttpApi", "ProdStage"),
        ("LayerVersion", HASH),
    ],
)
def test_what_sam_makes_leads_to_its_parent(kind: str, made: str) -> None:
    assert parent_of(f"Orders{made}", [resource("Other", kind), resource("Orders", kind)]) == [resource("Orders", kind)]


@pytest.mark.parametrize(
    ("kind", "logical_id"),
    [
        ("Function", "OrdersTable"),
        ("Function", "Orders"),
        ("Function", "OrdersRoles"),
        ("Function", "orderRole"),
        ("Function", "OrdersVersionXYZ"),
        ("Function", "OrdersRole\n"),
        ("Api", "OrdersRole"),
        ("LayerVersion", "Orders0A1B2C3D4E"),
        ("SimpleTable", "OrdersRole"),
        ("AWS::Lambda::Function", "OrdersRole"),
    ],
)
def test_what_sam_does_not_make_has_no_parent(kind: str, logical_id: str) -> None:
    assert parent_of(logical_id, [resource("Orders", kind)]) == []


def test_the_longest_parent_is_meant() -> None:
    assert parent_of("OrdersApiRole", [resource("Orders"), resource("OrdersApi")]) == [resource("OrdersApi")]


def test_templates_that_share_the_parent_are_all_named() -> None:
    every = [resource("Orders", path="a.yaml"), resource("Orders", path="b.yaml")]
    assert parent_of("OrdersRole", every) == every


@given(st.text(max_size=30), st.text(min_size=1, max_size=10), st.sampled_from(["Function", "Api", "LayerVersion"]))
def test_a_parents_name_begins_the_name(logical_id: str, parent: str, kind: str) -> None:
    for _, entry in parent_of(logical_id, [resource(parent, kind)]):
        assert logical_id.startswith(entry.labels[1])
        assert logical_id != entry.labels[1]
