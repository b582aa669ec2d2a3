"""Diffs that move what is open, or close more than the finding is about. None may pass."""

from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.control import Literal
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import Accepted, Rejected, Verdict
from iacfix.locators.locate import locate
from iacfix.patches import render_diff
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer

CATALOGUE = load_catalogue()
HEAD = 'resource "aws_security_group" "bastion" {\n  name = "bastion"\n'


def rule(ports: str, networks: str, more: str = "") -> str:
    first, _, last = ports.partition("-")
    return (
        f"\n  ingress {{\n    from_port   = {first}\n    to_port     = {last or first}\n"
        f'    protocol    = "tcp"\n    cidr_blocks = {networks}\n{more}  }}\n'
    )


WORLD, OFFICE = '["0.0.0.0/0"]', '["192.0.2.0/24"]'
HTTPS = rule("443", '["10.0.0.0/8"]')
SSH = rule("22", WORLD)
GROUP = f"{HEAD}{HTTPS}{SSH}}}\n"
ALONE = f"{HEAD}{SSH}}}\n"
BOTH = rule("22", '["0.0.0.0/0", "192.0.2.0/24"]')
MIXED = f"{HEAD}{HTTPS}{BOTH}}}\n"


def judged(
    folder: Path, before: str, after: str, check: str = "CKV_AWS_24", defaults: dict[str, Literal] | None = None
) -> Verdict:
    repo = repository(folder, {"main.tf": before})
    address = before.split('"')[1] + "." + before.split('"')[3]
    read = finding(check, address)
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location)
    control = CATALOGUE.find("checkov", check, read.resource.type)
    diff = render_diff([Edit("main.tf", before.encode(), after.encode())])
    return judge(Candidate(diff, "test"), Fixer(CATALOGUE, repo, defaults=defaults or {}).case(control, location))


MOVED = {
    "another port": (GROUP, GROUP.replace("= 22", "= 2222")),
    "a range that leaves the port out": (GROUP, GROUP.replace("from_port   = 22", "from_port   = 23").replace("to_port     = 22", "to_port     = 65535")),
    "a range the wrong way round": (GROUP, GROUP.replace("to_port     = 22", "to_port     = 21")),
    "another protocol": (GROUP, GROUP.replace(SSH, SSH.replace('"tcp"', '"udp"'))),
    "a protocol without ports": (GROUP, GROUP.replace(SSH, SSH.replace('"tcp"', '"icmp"'))),
    "another rule": (GROUP, GROUP.replace(WORLD, OFFICE).replace('["10.0.0.0/8"]', WORLD)),
    "halves of everybody": (GROUP, GROUP.replace(WORLD, '["0.0.0.0/1", "128.0.0.0/1"]')),
    "quarters in several rules": (GROUP, GROUP.replace(SSH, rule("22", '["0.0.0.0/2"]') + rule("22", '["64.0.0.0/2"]'))),
    "everybody by another spelling": (GROUP, GROUP.replace(WORLD, '["1.2.3.4/0"]')),
    "a network that nobody named": (GROUP, GROUP.replace(WORLD, '["11.0.0.0/8"]')),
    "everybody over IPv6": (GROUP, GROUP.replace(f"cidr_blocks = {WORLD}\n", 'ipv6_cidr_blocks = ["0::/0"]\n')),
    "most of IPv6": (GROUP, GROUP.replace(f"cidr_blocks = {WORLD}\n", 'ipv6_cidr_blocks = ["2000::/3"]\n')),
    "a prefix list": (GROUP, GROUP.replace(f"cidr_blocks = {WORLD}\n", 'prefix_list_ids = ["pl-1"]\n')),
    "a variable": (GROUP, GROUP.replace(WORLD, "var.networks")),
    "a new rule beside": (GROUP, GROUP.replace(SSH, rule("3389", WORLD))),
    "a dynamic block": (ALONE, HEAD + '\n  dynamic "ingress" {\n    for_each = [22]\n    content {\n      from_port   = 22\n      to_port     = 22\n      protocol    = "tcp"\n      cidr_blocks = ["0.0.0.0/0"]\n    }\n  }\n}\n'),
    "a list in place of blocks": (ALONE, HEAD + '  ingress = [{ from_port = 22, to_port = 22, protocol = "tcp", cidr_blocks = ["0.0.0.0/0"] }]\n}\n'),
}  # fmt: skip

TOO_MUCH = {
    "every rule goes": (GROUP, f"{HEAD}  ingress = []\n}}\n"),
    "the other rule goes too": (GROUP, GROUP.replace(HTTPS, "").replace(SSH, "  ingress = []\n")),
    "the other rule is narrowed too": (GROUP, GROUP.replace(SSH, "").replace("10.0.0.0/8", "10.1.0.0/16")),
    "the known network goes with everybody": (MIXED, GROUP.replace(SSH, "")),
    "the known network is another": (MIXED, MIXED.replace('["0.0.0.0/0", "192.0.2.0/24"]', '["10.0.0.0/8"]')),
    "nothing says what may come in": (GROUP, GROUP.replace(WORLD, "[]")),
    "the rule is told otherwise": (GROUP, GROUP.replace(WORLD, '["10.0.0.0/8"]\n    description = "closed"')),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVED)
def test_an_open_port_is_not_closed_by(tmp_path: Path, name: str) -> None:
    verdict = judged(tmp_path, *MOVED[name])
    assert isinstance(verdict, Rejected)
    assert verdict.stage in {"hazards", "control"}, verdict.reason


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_the_finding_is_not_about_stays(tmp_path: Path, name: str) -> None:
    verdict = judged(tmp_path, *TOO_MUCH[name])
    assert isinstance(verdict, Rejected)
    assert verdict.stage == "hazards", verdict.reason


def test_the_last_rule_does_not_just_go(tmp_path: Path) -> None:
    """Terraform leaves the rules alone where none is written."""
    verdict = judged(tmp_path, ALONE, f"{HEAD}}}\n")
    assert isinstance(verdict, Rejected)
    assert "write `ingress = []`" in verdict.reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (GROUP, GROUP.replace(SSH, "")),
        (GROUP, GROUP.replace(WORLD, '["10.0.0.0/8"]')),
        (GROUP, GROUP.replace(WORLD, '["192.168.0.0/24", "172.16.0.0/12"]')),
        (ALONE, f"{HEAD}  ingress = []\n}}\n"),
        (MIXED, MIXED.replace('"0.0.0.0/0", ', "")),
    ],
)
def test_what_is_closed_is_taken(tmp_path: Path, before: str, after: str) -> None:
    assert isinstance(judged(tmp_path, before, after), Accepted)


def test_the_networks_of_the_configuration_may_come_in(tmp_path: Path) -> None:
    after = GROUP.replace(WORLD, OFFICE)
    assert isinstance(judged(tmp_path / "named", GROUP, after, defaults={"admin_cidrs": ("192.0.2.0/24",)}), Accepted)
    assert isinstance(judged(tmp_path / "not", GROUP, after), Rejected)


def test_a_wider_rule_may_lose_everybody_and_nothing_else(tmp_path: Path) -> None:
    wide = f"{HEAD}{rule('0-1024', WORLD)}}}\n"
    assert isinstance(judged(tmp_path / "narrowed", wide, wide.replace(WORLD, '["10.0.0.0/8"]')), Accepted)
    assert isinstance(judged(tmp_path / "gone", wide, f"{HEAD}  ingress = []\n}}\n"), Rejected)
    assert isinstance(judged(tmp_path / "cut", wide, wide.replace("= 1024", "= 21")), Rejected)


OWN = """resource "aws_security_group_rule" "ssh" {
  type              = "ingress"
  security_group_id = "sg-0123456789abcdef0"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
}
"""


@pytest.mark.parametrize(
    "after",
    [
        OWN.replace('["0.0.0.0/0"]', '["0.0.0.0/1", "128.0.0.0/1"]'),
        OWN.replace('["0.0.0.0/0"]', '["11.0.0.0/8"]'),
        OWN.replace("= 22", "= 2222"),
        OWN.replace('"ingress"', '"egress"'),
        OWN.replace('  cidr_blocks       = ["0.0.0.0/0"]\n', ""),
    ],
)
def test_a_rule_of_its_own_is_held_to_the_same(tmp_path: Path, after: str) -> None:
    verdict = judged(tmp_path, OWN, after)
    assert isinstance(verdict, Rejected)
    assert verdict.stage == "hazards", verdict.reason


def test_a_rule_of_its_own_may_let_in_less(tmp_path: Path) -> None:
    assert isinstance(judged(tmp_path, OWN, OWN.replace("0.0.0.0/0", "10.0.0.0/8")), Accepted)


ACL = """resource "aws_network_acl" "public" {
  vpc_id = "vpc-0123456789abcdef0"

  ingress {
    rule_no    = 100
    protocol   = "tcp"
    action     = "ALLOW"
    from_port  = 22
    to_port    = 22
    cidr_block = "0.0.0.0/0"
  }
}
"""


def test_a_word_in_capitals_allows_as_well(tmp_path: Path) -> None:
    narrowed = judged(tmp_path / "narrowed", ACL, ACL.replace("0.0.0.0/0", "10.0.0.0/8"), check="CKV_AWS_232")
    moved = judged(tmp_path / "moved", ACL, ACL.replace("= 22", "= 23"), check="CKV_AWS_232")
    assert isinstance(narrowed, Accepted)
    assert isinstance(moved, Rejected)
