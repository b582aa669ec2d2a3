"""Everything that terraform made, found again in its code from an ARN or an id and nothing else."""

from posixpath import dirname

import pytest
from tests.e2e.terraform_on_moto import Estate, Made

from iacfix.adapters.source_tree import FileSystemTree
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.location import Location, LocationResult, NotLocated
from iacfix.iac.terraform.state import State
from iacfix.locators.locate import NOTHING, Sources, States, locate
from iacfix.locators.repository import Repository
from iacfix.locators.terraform_state import StateFile

# One worker of those that share the work builds the estate.
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("estate")]

# Their ARNs and ids are AWS's own: nothing in the code says them.
NAMELESS = {
    "aws_api_gateway_rest_api", "aws_cognito_user_pool", "aws_ebs_volume", "aws_efs_file_system", "aws_instance",
    "aws_kms_key", "aws_launch_template", "aws_lb_listener", "aws_route53_zone", "aws_security_group", "aws_subnet",
    "aws_vpc",
}  # fmt: skip
# Their ids are borrowed from what they belong to, where the code only refers to it.
COMPANIONS = {
    "aws_iam_role_policy_attachment", "aws_s3_bucket_public_access_block", "aws_s3_bucket_versioning",
}  # fmt: skip


def located(estate: Estate, sources: Sources, *, by_id: bool = False) -> list[tuple[Made, LocationResult]]:
    """By ARN without a type, where there is one; an id names nothing without its type."""
    repository = Repository(FileSystemTree(estate.repository))
    found: list[tuple[Made, LocationResult]] = []
    for made in estate.made:
        named = CloudResource("", made.arn) if made.arn and not by_id else CloudResource(made.type, made.id)
        finding = Finding(source="security_hub", id="f", check_id="c", title="t", resource=named)
        found.append((made, locate(finding, repository, sources)))
    return found


def right(made: Made, result: LocationResult) -> bool:
    return (
        isinstance(result, Location)
        and (dirname(result.path), result.address) == (made.folder, f"{made.type}.{made.name}")
        and result.evidence != ()
    )


def by_state(estate: Estate) -> Sources:
    known = States((StateFile("terraform.tfstate", "", State.read(estate.state.read_bytes())),))
    return Sources(lambda: known)


def test_the_estate_is_worth_the_test(estate: Estate) -> None:
    assert len(estate.made) >= 50
    assert len({made.type for made in estate.made}) >= 35
    assert {made.folder for made in estate.made} == {"", "modules/service", "modules/queue"}


@pytest.mark.parametrize("by_id", [False, True])
def test_the_state_leads_to_everything(estate: Estate, *, by_id: bool) -> None:
    found = located(estate, by_state(estate), by_id=by_id)
    assert [(made.address, result) for made, result in found if not right(made, result)] == []


def test_the_way_of_calls_is_that_of_the_address(estate: Estate) -> None:
    for made, result in located(estate, by_state(estate)):
        assert isinstance(result, Location)
        calls = [call.address.removeprefix("module.") for call in result.module.calls] if result.module else []
        walked = [part for part in made.address.replace("[", ".").split(".") if part in {"billing", "shops", "jobs"}]
        assert calls == (walked if made.folder else [])


def test_the_code_alone_leads_to_everything_that_it_names(estate: Estate) -> None:
    found = located(estate, NOTHING)
    lost = {made.address for made, result in found if not right(made, result)}
    assert lost == {made.address for made in estate.made if made.type in NAMELESS | COMPANIONS}


@pytest.mark.parametrize("by_id", [False, True])
def test_the_code_alone_never_leads_astray(estate: Estate, *, by_id: bool) -> None:
    found = located(estate, NOTHING, by_id=by_id)
    wrong = [(made.address, result) for made, result in found if not right(made, result)]
    assert [each for each in wrong if not isinstance(each[1], NotLocated)] == []
    assert all(result.reason for _, result in wrong if isinstance(result, NotLocated))


def test_a_thing_of_another_estate_is_not_found(estate: Estate) -> None:
    """The same names with another word in front: nothing here made them."""
    repository = Repository(FileSystemTree(estate.repository))
    found: dict[str, Location] = {}
    for made in estate.made:
        identifier = (made.arn or made.id).replace("acme", "umbrella")
        if identifier == (made.arn or made.id):
            continue
        finding = Finding("security_hub", "f", "c", "t", CloudResource(made.type, identifier))
        for sources in (NOTHING, by_state(estate)):
            result = locate(finding, repository, sources)
            if isinstance(result, Location):
                found[made.address] = result
    assert found == {}
