from pathlib import Path

import pytest
from tests.support.code import block, call, local, variable
from tests.support.repositories import repository

from iacfix.domain.control import Want
from iacfix.domain.decision import DecidedBy, Decision, Reading
from iacfix.locators.deciding import MAX_HOPS, Deciding, decide

READING = Reading("aws_t.a", "on", "var.x", Want(equals=True))
RESOURCE = block('resource "aws_t" "a"', on="var.x")


def test_the_way_is_told_name_by_name(tmp_path: Path) -> None:
    files = {
        "m/main.tf": RESOURCE + variable("x"),
        "main.tf": call("m", "./m", x="local.y"),
        "locals.tf": local(y="var.z"),
        "variables.tf": variable("z", "false"),
    }
    found = decide(READING, "m", repository(tmp_path, files))
    assert isinstance(found, Deciding)
    assert found.decision == Decision(
        DecidedBy.DEFAULT,
        "variables.tf",
        "var.z",
        "default",
        1,
        3,
        (
            "aws_t.a.on is var.x, which the argument x of module.m at main.tf:3 sets",
            "the argument x of module.m at main.tf:3 is local.y, which locals.tf:2 sets",
            "local.y is var.z, which its default at variables.tf:2 sets",
        ),
    )
    assert [each.address for each in found.variables] == ["var.x", "var.z"]


@pytest.mark.parametrize(("length", "decided"), [(MAX_HOPS, True), (MAX_HOPS + 1, False)])
def test_names_are_followed_so_far(tmp_path: Path, length: int, decided: bool) -> None:  # noqa: FBT001 - a case of the table
    names = {f"n{number}": f"local.n{number + 1}" for number in range(length - 1)} | {f"n{length - 1}": "false"}
    files = {"main.tf": RESOURCE.replace("var.x", "local.n0") + local(**names)}
    found = decide(Reading("aws_t.a", "on", "local.n0", READING.want), "", repository(tmp_path, files))
    assert isinstance(found, Deciding) is decided


def test_a_call_in_json_is_not_changed(tmp_path: Path) -> None:
    files = {
        "m/main.tf": RESOURCE + variable("x", "false"),
        "main.tf.json": '{"module": {"m": {"source": "./m", "x": false}}}',
    }
    assert decide(READING, "m", repository(tmp_path, files)) == (
        "module.m in main.tf.json is not written in one block of HCL"
    )


def test_a_call_that_is_overridden_is_not_one_place(tmp_path: Path) -> None:
    files = {
        "m/main.tf": RESOURCE + variable("x", "false"),
        "main.tf": call("m", "./m", x="false"),
        "override.tf": block('module "m"', x="true"),
    }
    assert "not written in one block" in str(decide(READING, "m", repository(tmp_path, files)))


def test_json_beside_it_may_read_it_too(tmp_path: Path) -> None:
    files = {"main.tf": RESOURCE + variable("x", "false"), "more.tf.json": "{}"}
    assert "what else reads var.x is not known" in str(decide(READING, "", repository(tmp_path, files)))


def test_a_setting_in_two_places_is_none(tmp_path: Path) -> None:
    files = {"main.tf": RESOURCE + variable("x", "false"), "more.tf": RESOURCE}
    assert "not written in one place" in str(decide(READING, "", repository(tmp_path, files)))


@pytest.mark.parametrize("value", ['["a", "b"]', "null", '"x"', "7"])
def test_a_list_of_literals_is_a_literal(tmp_path: Path, value: str) -> None:
    files = {"main.tf": RESOURCE + variable("x", value)}
    assert isinstance(decide(READING, "", repository(tmp_path, files)), Deciding)


@pytest.mark.parametrize("value", ["{ a = 1 }", '["a", "${local.b}"]', "[local.b]"])
def test_what_holds_names_or_more_is_none(tmp_path: Path, value: str) -> None:
    files = {"main.tf": RESOURCE + local(y=value)}
    found = decide(
        Reading("aws_t.a", "on", "local.y", READING.want),
        "",
        repository(tmp_path, {"main.tf": files["main.tf"].replace("var.x", "local.y")}),
    )
    assert "which is `" in str(found)
