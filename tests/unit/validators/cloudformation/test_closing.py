"""Diffs that move what is open, or close more than the finding is about. None may pass."""

from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import Accepted, Rejected, Verdict
from iacfix.locators.locate import locate
from iacfix.patches import render_diff
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer

CATALOGUE = load_catalogue()
HEAD = """Resources:
  Bastion:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Ways in
"""


def rule(port: str, network: str, key: str = "CidrIp") -> str:
    return (
        f"        - IpProtocol: tcp\n          FromPort: {port}\n          ToPort: {port}\n          {key}: {network}\n"
    )


HTTPS, SSH = rule("443", "10.0.0.0/8"), rule("22", "0.0.0.0/0")
GROUP = f"{HEAD}      SecurityGroupIngress:\n{HTTPS}{SSH}"


def judged(folder: Path, before: str, after: str) -> Verdict:
    repo = repository(folder, {"template.yaml": before})
    read = finding("CKV_AWS_24", "AWS::EC2::SecurityGroup.Bastion", path="template.yaml")
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location)
    control = CATALOGUE.find("checkov", "CKV_AWS_24", read.resource.type)
    diff = render_diff([Edit("template.yaml", before.encode(), after.encode())])
    return judge(Candidate(diff, "test"), Fixer(CATALOGUE, repo).case(control, location))


@pytest.mark.parametrize(
    "after",
    [
        GROUP.replace(": 22", ": 2222"),
        GROUP.replace(SSH, SSH.replace("tcp", "icmp")),
        GROUP.replace("0.0.0.0/0", "0.0.0.0/1"),
        GROUP.replace("0.0.0.0/0", "11.0.0.0/8"),
        GROUP.replace("0.0.0.0/0", "192.168.0.0/16").replace("10.0.0.0/8", "0.0.0.0/0"),
        GROUP.replace(SSH, rule("22", "2000::/3", "CidrIpv6")),
        GROUP.replace(SSH, rule("22", "!Ref Office")),
        GROUP.replace(SSH, rule("22", "pl-1", "SourcePrefixListId")),
        GROUP.replace(SSH, rule("3389", "0.0.0.0/0")),
        GROUP.replace(SSH, rule("22", "0.0.0.0/2") + rule("22", "64.0.0.0/2")),
        GROUP.replace(SSH, "").replace("10.0.0.0/8", "10.1.0.0/16"),
        f"{HEAD}      SecurityGroupIngress: []\n",
        HEAD,
        GROUP.replace(SSH, "").replace(HTTPS, "        - !Ref Rule\n"),
        f"{HEAD}      SecurityGroupIngress: !Ref Rules\n",
    ],
)
def test_an_open_port_is_not_closed_by(tmp_path: Path, after: str) -> None:
    verdict = judged(tmp_path, GROUP, after)
    assert isinstance(verdict, Rejected)
    assert verdict.stage in {"hazards", "control"}, verdict.reason


@pytest.mark.parametrize("after", [GROUP.replace(SSH, ""), GROUP.replace("0.0.0.0/0", "10.1.0.0/16")])
def test_what_is_closed_is_taken(tmp_path: Path, after: str) -> None:
    assert isinstance(judged(tmp_path, GROUP, after), Accepted)
