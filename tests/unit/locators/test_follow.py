from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.code import bucket, call
from tests.support.repositories import repository

from iacfix.domain.location import CallSite
from iacfix.locators.follow import follow, written
from iacfix.locators.places import Place

FOREIGN = "terraform-aws-modules/s3-bucket/aws"
TREE = {
    "live/main.tf": call("app", "../modules/app"),
    "modules/app/main.tf": "\n" + call("logs", "../bucket") + call("far", FOREIGN) + call("out", "../../../shared"),
    "modules/bucket/main.tf": bucket("this"),
}


def trace(folder: Path, modules: Sequence[str], name: str = "this", start: str = "live", **files: str) -> Place | str:
    return follow(repository(folder, {**TREE, **files}), start, modules, "aws_s3_bucket", name)


def test_calls_of_local_modules_lead_to_the_block(tmp_path: Path) -> None:
    place = trace(tmp_path, ("app", "logs"))
    assert isinstance(place, Place)
    assert (place.path, place.entry.address, place.inner) == ("modules/bucket/main.tf", "aws_s3_bucket.this", "")
    assert place.chains == (
        (CallSite("live/main.tf", "module.app", 1), CallSite("modules/app/main.tf", "module.logs", 2)),
    )


@pytest.mark.parametrize(
    ("modules", "address", "inner"),
    [
        (("app", "far"), "module.far", "aws_s3_bucket.this"),
        (("app", "far", "deep", "deeper"), "module.far", "module.deep.module.deeper.aws_s3_bucket.this"),
        (("app", "out"), "module.out", "aws_s3_bucket.this"),
    ],
)
def test_the_trace_ends_at_the_call_of_a_module_that_is_not_of_the_repository(
    tmp_path: Path, modules: tuple[str, ...], address: str, inner: str
) -> None:
    place = trace(tmp_path, modules)
    assert isinstance(place, Place)
    assert (place.path, place.entry.address, place.inner) == ("modules/app/main.tf", address, inner)
    assert place.chains == ((CallSite("live/main.tf", "module.app", 1),),)


@pytest.mark.parametrize(
    ("modules", "name", "start", "said"),
    [
        (("gone",), "this", "live", "live holds no module.gone"),
        (("app", "gone"), "this", "live", "modules/app holds no module.gone"),
        (("app", "logs"), "gone", "live", "modules/bucket holds no aws_s3_bucket.gone"),
        (("app",), "this", "", "the root holds no module.app"),
        ((), "this", "", "the root holds no aws_s3_bucket.this"),
        ((), "this", "../live", "../live holds no aws_s3_bucket.this"),
    ],
)
def test_where_the_trace_is_lost_is_said(
    tmp_path: Path, modules: tuple[str, ...], name: str, start: str, said: str
) -> None:
    assert trace(tmp_path, modules, name, start) == said


def test_what_is_written_twice_is_not_followed(tmp_path: Path) -> None:
    more = {"live/more.tf": TREE["live/main.tf"], "modules/bucket/more.tf": bucket("this")}
    assert trace(tmp_path, ("app",), **more) == "live holds 2 module.app"
    assert trace(tmp_path, (), start="modules/bucket", **more) == "modules/bucket holds 2 aws_s3_bucket.this"


def test_override_files_are_left_out(tmp_path: Path) -> None:
    files = {"a.tf": bucket("this"), "override.tf": bucket("this"), "b_override.tf": bucket("this")}
    found = written(repository(tmp_path, files), "", "resource", ("aws_s3_bucket", "this"))
    assert [path for path, _ in found] == ["a.tf"]


def test_a_module_that_calls_itself_ends_with_the_address(tmp_path: Path) -> None:
    files = {"live/main.tf": call("app", "../live") + bucket("this")}
    place = trace(tmp_path, ("app",) * 50, **files)
    assert isinstance(place, Place)
    assert (place.entry.address, len(place.chains[0])) == ("aws_s3_bucket.this", 50)
