"""States that the real terraform wrote."""

import pytest
from tests.e2e.terraform_on_moto import Estate

from iacfix.iac.terraform.state import State
from iacfix.locators.names import name_attributes, physical_names, terraform_types

# One worker of those that share the work builds the estate.
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("estate")]


def test_every_thing_is_found_in_the_state_by_its_arn_or_id(estate: Estate) -> None:
    state = State.read(estate.state.read_bytes())
    assert sorted(each.address for each in state.instances) == sorted(each.address for each in estate.made)
    for made in estate.made:
        (found,) = state.find([made.arn or made.id], (made.type,))
        assert found.address == made.address
        assert found.address.endswith(found.block_address if found.index_key is None else "]")


def test_every_arn_leads_to_its_type_its_name_and_so_to_the_thing(estate: Estate) -> None:
    state = State.read(estate.state.read_bytes())
    for made in estate.made:
        if not made.arn:
            continue
        types = terraform_types("", made.arn)
        assert made.type in types
        names = physical_names(made.arn, "")
        own = {str(made.values[attribute]) for attribute in name_attributes(made.type)}
        assert {name for name in own if made.arn.endswith((f":{name}", f"/{name}"))} <= set(names)
        if own.intersection(names) or made.id in names:
            assert made.address in {each.address for each in state.find(names, types, name_attributes)}
        assert made.address in {each.address for each in state.find([made.arn, *names], types, name_attributes)}
