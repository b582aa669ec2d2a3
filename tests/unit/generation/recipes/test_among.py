"""One of several: by its key, each, and a number that is free."""

import pytest
from tests.unit.generation.recipes.cloudformation import test_engine as template
from tests.unit.generation.recipes.terraform import test_engine as terraform

from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined

KEYED = terraform.control([{"steps": [{"ensure_block": "p", "key": {"name": "a"}, "set": {"value": "on"}}]}])
EACH = terraform.control([{"steps": [{"ensure_block": "p", "each": True, "set": {"value": "on"}}]}])
SOME = terraform.control(
    [{"steps": [{"ensure_block": "p", "each": True, "key": {"name": "a"}, "set": {"value": "on"}}]}]
)
FREE = terraform.control(
    [
        {
            "steps": [
                {
                    "ensure_block": "p",
                    "key": {"inner.name": "a"},
                    "initially": [
                        {"set": {"order": {"unused": 1}}},
                        {"ensure_block": "inner", "set": {"name": "a"}},
                    ],
                }
            ]
        }
    ]
)


def p(name: str, value: str) -> tuple[str, ...]:
    return ("p {", f"  name  = {name}", f"  value = {value}", "}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (p('"a"', '"off"'), p('"a"', '"on"')),
        ((*p('"b"', '"off"'), *p('"a"', '"off"')), (*p('"b"', '"off"'), *p('"a"', '"on"'))),
        (p('"b"', '"off"'), (*p('"b"', '"off"'), "", *p('"a"', '"on"'))),
    ],
)
def test_the_one_with_the_key_is_set(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    generated, text = terraform.run(KEYED, terraform.block(*before))
    assert isinstance(generated, Candidate), generated
    assert text.replace("\n  \n", "\n\n") == terraform.block(*after).replace("\n  \n", "\n\n")
    assert isinstance(terraform.run(KEYED, text)[0], AlreadyFixed)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (p("var.which", '"off"'), "which p"),
        ((*p('"a"', '"off"'), *p('"a"', '"on"')), "2 p blocks"),
        (p('"a"', "var.how"), "var.how"),
        (('dynamic "p" {', "  for_each = []", "  content {}", "}"), "dynamic"),
    ],
)
def test_where_it_is_not_known_which_one_it_is_declined(before: tuple[str, ...], said: str) -> None:
    assert said in terraform.declined(KEYED, terraform.block(*before))


def test_each_is_set_and_none_is_made() -> None:
    two = (*p('"a"', '"off"'), *p('"b"', '"on"'), *p('"c"', '"off"'))
    generated, text = terraform.run(EACH, terraform.block(*two))
    assert isinstance(generated, Candidate)
    assert text.count('"on"') == 3
    _, text = terraform.run(SOME, terraform.block(*two))
    assert text.count('"on"') == 2
    assert isinstance(terraform.run(EACH, terraform.block())[0], AlreadyFixed)


def test_a_new_one_gets_a_number_of_its_own() -> None:
    others = ("p {", "  order = 1", "}", "p {", "  order = 2", "}")
    generated, text = terraform.run(FREE, terraform.block(*others))
    assert isinstance(generated, Candidate), generated
    assert "order = 3" in text
    assert isinstance(terraform.run(FREE, text)[0], AlreadyFixed)
    assert "free one" in terraform.declined(FREE, terraform.block("p {", "  order = var.x", "}"))


ITEMS = template.control([{"steps": [{"ensure_block": "A.P[]", "key": {"Name": "a"}, "set": {"Value": "on"}}]}])


def resource(*items: str) -> str:
    listed = "".join(f"          - {item}\n" for item in items)
    return f"Resources:\n  X:\n    Type: A::B::T\n    Properties:\n      A:\n        P:\n{listed}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["{Name: a, Value: x}"], ["{Name: a, Value: 'on'}"]),
        (["{Name: b, Value: x}", "{Name: a, Value: x}"], ["{Name: b, Value: x}", "{Name: a, Value: 'on'}"]),
    ],
)
def test_the_item_with_the_key_is_set(before: list[str], after: list[str]) -> None:
    generated, text = template.run(ITEMS, resource(*before))
    assert isinstance(generated, Candidate), generated
    assert text.replace('"', "'") == resource(*after)


@pytest.mark.parametrize("item", ["{Name: !Ref Which, Value: x}", "!If [C, {Name: a}, !Ref AWS::NoValue]"])
def test_an_item_that_may_be_it_is_declined(item: str) -> None:
    text = "Parameters:\n  Which: {Type: String}\nConditions:\n  C: !Equals [!Ref Which, a]\n" + resource(item)
    generated, _ = template.run(ITEMS, text)
    assert isinstance(generated, Declined)
    assert "A.P[0]" in generated.reason
