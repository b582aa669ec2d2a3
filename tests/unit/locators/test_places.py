from pathlib import Path

import pytest
from tests.support.code import bucket, call, local, template, variable
from tests.support.repositories import repository

from iacfix.domain.errors import DocumentError
from iacfix.domain.location import CallSite, Evidence, Framework, Location
from iacfix.iac.entry import Entry
from iacfix.locators.places import SHOWN, Calls, Place, locate_at
from iacfix.locators.repository import Repository

SEEN = Evidence("test", "seen")
MODULE = variable("name") + bucket(
    "inner", bucket="var.name", tags="var.tags", acl='"private"', x="local.x", y="var.a.b"
)


def entry(repo: Repository, path: str, address: str) -> Entry:
    return next(each for each in repo.index.file(path) if each.address == address)


def located(repo: Repository, path: str, address: str, chains: tuple[Calls, ...] = (), inner: str = "") -> Location:
    return locate_at(Place(path, entry(repo, path, address), chains, inner), repo, (SEEN,), 0.5)


def told(location: Location) -> list[str]:
    return [each.detail for each in location.evidence if each.strategy == "module"]


def test_a_block_of_a_folder_that_nobody_calls_is_just_where_it_stands(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"a/main.tf": "# über\n" + bucket() + bucket("next")})
    location = located(repo, "a/main.tf", "aws_s3_bucket.logs")
    assert (location.path, location.address) == ("a/main.tf", "aws_s3_bucket.logs")
    assert (location.start_line, location.end_line) == (2, 3)
    assert repo.read("a/main.tf")[location.start : location.end] == bucket().strip().encode()
    assert (location.evidence, location.confidence, location.module) == ((SEEN,), 0.5, None)


def test_the_chain_of_calls_is_told_from_the_outermost(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": call("a", "./a"), "a/main.tf": call("m", "../m"), "m/main.tf": MODULE})
    chain = (CallSite("main.tf", "module.a", 1), CallSite("a/main.tf", "module.m", 1))
    location = located(repo, "m/main.tf", "aws_s3_bucket.inner", (chain,))
    assert told(location) == ["called by module.a at main.tf:1, then module.m at a/main.tf:1"]
    assert location.module is not None
    assert location.module.calls == chain
    assert location.module.sites == (CallSite("a/main.tf", "module.m", 1),)


@pytest.mark.parametrize(("calls", "more"), [(2, ""), (SHOWN, ""), (SHOWN + 2, " and 2 more")])
def test_whoever_shares_a_module_is_warned_of_it(tmp_path: Path, calls: int, more: str) -> None:
    root = "".join(call(f"c{number}", "./m") for number in range(calls))
    repo = repository(tmp_path, {"main.tf": root, "m/main.tf": MODULE})
    places = ", ".join(f"main.tf:{1 + 3 * number}" for number in range(min(calls, SHOWN)))
    location = located(repo, "m/main.tf", "aws_s3_bucket.inner")
    assert told(location) == [f"warning: {calls} call sites share this module ({places}{more})"]
    assert location.module is not None
    assert len(location.module.sites) == calls


def test_no_more_chains_are_told_than_a_person_reads(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": call("a", "./m"), "m/main.tf": MODULE})
    chains = ((), *((CallSite("x.tf", f"module.x{number}", number),) for number in range(9)))
    location = located(repo, "m/main.tf", "aws_s3_bucket.inner", chains)
    assert told(location) == [f"called by module.x{number} at x.tf:{number}" for number in range(SHOWN - 1)]


def test_of_a_foreign_module_the_call_is_what_can_be_changed(tmp_path: Path) -> None:
    source = "terraform-aws-modules/s3-bucket/aws"
    repo = repository(tmp_path, {"a/main.tf": "\n" + call("logs", source)})
    outer = (CallSite("main.tf", "module.a", 7),)
    location = located(repo, "a/main.tf", "module.logs", (outer,), "aws_s3_bucket.this")
    assert location.address == "module.logs"
    assert told(location) == [
        f"it is made by {source}, which is not of this repository: what can be changed here is the call"
    ]
    assert location.module is not None
    assert location.module.calls == (*outer, CallSite("a/main.tf", "module.logs", 2))
    assert (location.module.source, location.module.inner) == (source, "aws_s3_bucket.this")


def moved(repo: Repository, path: str = "main.tf") -> None:
    """The file with two lines more at its head, as an accepted change leaves it. The index stays as it was read."""
    repo.replace(path, b"# one\n# two\n" + repo.read(path))


def test_a_block_that_a_change_has_moved_is_found_where_it_is_now(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": bucket("a", bucket='"a"') + bucket("b", bucket='"b"')})
    before = entry(repo, "main.tf", "aws_s3_bucket.b")
    moved(repo)
    location = locate_at(Place("main.tf", before), repo, (SEEN,), 1.0)
    assert location.address == "aws_s3_bucket.b"
    assert location.start_line == before.start_line + 2


def test_of_two_blocks_with_one_address_the_moved_one_is_told_by_what_it_says(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": bucket("a", bucket='"a"') + bucket("a", bucket='"b"')})
    second = repo.index.file("main.tf")[1]
    moved(repo)
    location = locate_at(Place("main.tf", second), repo, (SEEN,), 1.0)
    assert location.start_line == second.start_line + 2


def test_a_moved_call_of_a_foreign_module_has_its_line_of_today(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": call("logs", "terraform-aws-modules/s3-bucket/aws")})
    before = entry(repo, "main.tf", "module.logs")
    moved(repo)
    location = locate_at(Place("main.tf", before), repo, (SEEN,), 1.0)
    assert location.module is not None
    assert location.module.calls[-1].line == location.start_line == 3


def test_a_block_that_is_gone_is_an_error_and_no_other_block(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": bucket("a") + bucket("b") + local(x="1")})
    before = entry(repo, "main.tf", "aws_s3_bucket.a")
    repo.replace("main.tf", bucket("b").encode())
    with pytest.raises(DocumentError, match=r"main\.tf no longer holds aws_s3_bucket\.a"):
        locate_at(Place("main.tf", before), repo, (SEEN,), 1.0)


def test_a_file_that_does_not_parse_is_an_error(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": bucket("a")})
    before = entry(repo, "main.tf", "aws_s3_bucket.a")
    repo.replace("main.tf", b"resource {")
    with pytest.raises(DocumentError, match=r"main\.tf"):
        locate_at(Place("main.tf", before), repo, (SEEN,), 1.0)


def test_a_block_that_override_files_change_is_told_with_them(tmp_path: Path) -> None:
    files = {"main.tf": bucket("a") + bucket("b"), "a_override.tf": "\n" + bucket("a"), "override.tf": bucket("a")}
    repo = repository(tmp_path, files)
    told_of = [each.detail for each in located(repo, "main.tf", "aws_s3_bucket.a").evidence[1:]]
    assert told_of == ["warning: a_override.tf:2 overrides it", "warning: override.tf:1 overrides it"]
    assert located(repo, "main.tf", "aws_s3_bucket.b").evidence == (SEEN,)
    assert located(repo, "override.tf", "aws_s3_bucket.a").evidence == (SEEN,)


def test_a_name_that_an_override_file_gives_leads_to_the_block_it_is_laid_over(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": bucket("a", bucket='"x"'), "override.tf": bucket("a", bucket='"y"')})
    (item,) = repo.named.names("aws_s3_bucket").exactly("y")
    assert locate_at(Place(item.path, item.entry), repo, (SEEN,), 1.0).path == "main.tf"
    moved(repo)
    assert locate_at(Place(item.path, item.entry), repo, (SEEN,), 1.0).start_line == 3


def test_a_block_in_json_is_located(tmp_path: Path) -> None:
    text = '{\n"resource": {"aws_s3_bucket": {"a": {"bucket": "acme"}}}}\n'
    location = located(repository(tmp_path, {"main.tf.json": text}), "main.tf.json", "aws_s3_bucket.a")
    assert (location.address, location.framework, location.start_line) == ("aws_s3_bucket.a", Framework.TERRAFORM, 2)


def test_a_resource_of_a_template_is_located(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"stack.yaml": template({"Logs": "{}", "Data": "{}"})})
    location = located(repo, "stack.yaml", "Resources.Data")
    assert (location.address, location.framework) == ("Resources.Data", Framework.CLOUDFORMATION)
    assert (location.start_line, location.evidence, location.module) == (5, (SEEN,), None)


def test_a_macro_that_may_change_the_template_is_a_warning(tmp_path: Path) -> None:
    files = {
        "macro.yaml": template({"Logs": "{}"}, "Transform: MyMacro\n"),
        "sam.yaml": template({"Logs": "{}"}, "Transform: AWS::Serverless-2016-10-31\n"),
    }
    repo = repository(tmp_path, files)
    (_, warning) = located(repo, "macro.yaml", "Resources.Logs").evidence
    assert (warning.strategy, warning.detail) == ("template", "warning: Transform MyMacro at line 1 is not followed")
    assert located(repo, "sam.yaml", "Resources.Logs").evidence == (SEEN,)
