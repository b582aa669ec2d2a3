"""Cases as the modules of one configuration: `before/` applied in moto, then `after/` planned against that state."""

import csv
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tests.support import moto, terraform

from iacfix.iac.terraform.document import Block, TerraformDocument

TYPES = Path(__file__).resolve().parents[2] / "src" / "iacfix" / "locators" / "resource_types.csv"
# The mirror holds one version of the provider, and the cases ask for several.
CONSTRAINT = re.compile(rb"\n +version += +\"[~<>=!][^\"]*\"")
ROLE = re.compile(rf"arn:aws:iam::{moto.ACCOUNT}:role/([\w-]+)")
BUCKET = re.compile(r'(?:s3_bucket_name|target_bucket|log_bucket)\s*=\s*"([\w-]+)"')
PACKAGE = re.compile(r'filename\s*=\s*"([\w./-]+\.zip)"')
NAME = re.compile(rb'"(?:[\w/-]|\$\{[^}"]*\})*[\w}]"')
PROVIDER = (
    'provider "aws" {\n  region           = "eu-west-1"\n  s3_use_path_style = true\n  max_retries       = 2\n}\n'
)
SECONDS = 540
Entry = Mapping[str, object]
Arguments = Mapping[str, Mapping[str, object]]  # by the type of the resource and their names


@dataclass(frozen=True)
class Change:
    """What terraform plans for a resource of a case: `changed` are the attributes of an update that differ."""

    address: str
    type: str
    actions: tuple[str, ...]
    changed: frozenset[str]


def plan(cases: Sequence[Path], completions: Arguments, instead: Arguments, home: Path) -> dict[str, list[Change]]:
    """What each case's fix does to what its `before/` made, by the case's name.

    Resources get the arguments of `completions` where they have none of that name, and of `instead` where they have.
    """
    environment = terraform.environment(home)
    with moto.server() as endpoint:
        environment |= moto.environment(endpoint)
        everything = "\n".join(path.read_text() for case in cases for path in case.glob("*/**/*.tf"))
        moto.furnish(endpoint, sorted({*ROLE.findall(everything), "office"}), sorted({*BUCKET.findall(everything)}))
        work = _Work(home / "work", moto.network(endpoint), completions, instead)
        work.write(cases)

        def run(*arguments: str) -> str:
            command = ["terraform", f"-chdir={work.root}", *arguments]
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
            )
            assert done.returncode == 0, _errors(done.stdout) + done.stderr[:4000]
            return done.stdout

        work.show("before", cases)
        run("init", "-input=false", "-no-color")
        run("apply", "-auto-approve", "-input=false", "-json", "-parallelism=60")
        work.show("after", cases)
        # The cases share one account, and some set what an account has once: the state is what each of them made.
        run("plan", "-refresh=false", "-out=after.plan", "-input=false", "-json", "-parallelism=60")
        shown = cast("Mapping[str, list[Entry]]", json.loads(run("show", "-json", "after.plan")))
    found: dict[str, list[Change]] = {case.name: [] for case in cases}
    for entry in shown["resource_changes"]:
        found[str(entry["module_address"]).split(".")[1]].append(_change(entry))
    return found


@dataclass(frozen=True)
class _Work:
    root: Path
    network: moto.Network
    completions: Arguments
    instead: Arguments

    def write(self, cases: Sequence[Path]) -> None:
        """The calls, and the packages that functions are made from."""
        self.root.mkdir()
        calls = [PROVIDER]
        for case in cases:
            documents = [
                TerraformDocument.read(path.name, path.read_bytes()) for path in (case / "before").glob("*.tf")
            ]
            variables = [block for document in documents for block in document.blocks if block.keyword == "variable"]
            given = [block.labels[0] for block in variables if block.attribute("default") is None]
            lines = [f"  {name} = {json.dumps(self.value(name))}" for name in given]
            calls.append("\n".join([f'module "{case.name}" {{', f'  source = "./cases/{case.name}"', *lines, "}", ""]))
            for path in (case / "before").rglob("*.tf"):
                for name in PACKAGE.findall(path.read_text()):
                    with zipfile.ZipFile(self.root / name, "w") as package:
                        package.writestr("index.py", "def handler(event, context): pass")
        (self.root / "main.tf").write_text("\n".join(calls))

    def value(self, variable: str) -> object:
        """Something of the kind that the name promises."""
        network, of_account = self.network, f"{moto.REGION}:{moto.ACCOUNT}"
        certificate = f"arn:aws:acm:{of_account}:certificate/5f1c2a3b-1234-4cde-9f00-112233445566"
        return {
            **dict.fromkeys(("vpc", "vpc_id"), network.vpc),
            **dict.fromkeys(("subnets", "subnet_ids", "public_subnets"), network.subnets),
            **dict.fromkeys(("certificate", "certificate_arn"), certificate),
            "security_group": network.security_group,
            "subnet": network.subnets[0],
            "image_id": network.image,
            "role": f"arn:aws:iam::{moto.ACCOUNT}:role/office",
            "key": f"arn:aws:kms:{of_account}:key/0a1b2c3d-1111-2222-3333-444455556666",
            "mfa": f"arn:aws:iam::{moto.ACCOUNT}:mfa/root 123456",
            "certificate_id": "ASCACKCEVSQ6C2EXAMPLE",
            "regions": ["eu-west-1", "eu-central-1"],
            "bastions": 2,
            "teams": {"shop": "30"},
            "instance_class": "db.t3.medium",
            "cidr": "10.20.0.0/16",
            "login": "{}",
            "password": "a-long-Passw0rd",
            "token": "a-token",
            "stage": "test",
            "team": "shop",
            "name": "shop",
        }[variable]

    def show(self, side: str, cases: Sequence[Path]) -> None:
        shutil.rmtree(self.root / "cases", ignore_errors=True)
        for number, case in enumerate(cases):
            folder = shutil.copytree(case / side, self.root / "cases" / case.name)
            for path in sorted(folder.rglob("*.tf")):
                data = self._located(CONSTRAINT.sub(b"", _named_apart(path, number)))
                path.write_bytes(data)
                added = "".join(self._completed(TerraformDocument.read(path.name, data)))
                path.with_name(f"{path.stem}_override.tf").write_text(added)

    def _located(self, data: bytes) -> bytes:
        """Ids of networks and images as moto has them; several subnets stay several."""
        subnets = iter(self.network.subnets * data.count(b"subnet-"))
        data = re.sub(rb'"subnet-[0-9a-z]+"', lambda _: f'"{next(subnets)}"'.encode(), data)
        data = re.sub(rb'"vpc-[0-9a-f]+"', f'"{self.network.vpc}"'.encode(), data)
        data = re.sub(rb'"sg-[0-9a-f]+"', f'"{self.network.security_group}"'.encode(), data)
        return re.sub(rb'"ami-[0-9a-f]+"', f'"{self.network.image}"'.encode(), data)

    def _completed(self, document: TerraformDocument) -> Iterator[str]:
        """What AWS asks for and a case, being short, leaves out."""
        for block in document.blocks:
            if block.keyword != "resource":
                continue
            other = ("manage_master_user_password",)
            missing = self.completions.get(block.labels[0], {}).items()
            lacked = [each for each in missing if not any(map(block.attribute, (each[0], *other)))]
            moved = [each for each in self.instead.get(block.labels[0], {}).items() if block.attribute(each[0])]
            for name, value in (*lacked, *moved):
                yield f'resource "{block.labels[0]}" "{block.labels[1]}" {{\n  {name} = {json.dumps(value)}\n}}\n'


def _named_apart(path: Path, number: int) -> bytes:
    """Two cases may call their things the same, and they share one account."""
    with TYPES.open() as table:
        names = {row["terraform"]: row["terraform_name"] for row in csv.DictReader(table)}
    document = TerraformDocument.read(path.name, path.read_bytes())
    data = document.data
    for block in reversed([block for block in document.blocks if block.keyword == "resource"]):
        data = _renamed(data, block, names.get(block.labels[0]) or "name", number)
    return data


def _renamed(data: bytes, block: Block, name: str, number: int) -> bytes:
    attribute = block.attribute(name)
    if attribute is None or NAME.fullmatch(data[attribute.value_start : attribute.value_end]) is None:
        return data
    at = attribute.value_end - 1
    return data[:at] + f"-{number}".encode() + data[at:]


def _change(entry: Entry) -> Change:
    change = cast("Mapping[str, object]", entry["change"])
    before, after, unknown = (
        cast("Mapping[str, object]", change.get(key) or {}) for key in ("before", "after", "after_unknown")
    )
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)} | {*unknown}
    actions = tuple(cast("list[str]", change["actions"]))
    return Change(str(entry["address"]), str(entry["type"]), actions, frozenset(changed))


def _errors(stdout: str) -> str:
    said = [json.loads(line) for line in stdout.splitlines() if line.startswith("{")]
    found = [entry["diagnostic"] for entry in said if entry.get("type") == "diagnostic"]
    wrong = [each for each in found if each["severity"] == "error"]
    return "\n".join(f"{each.get('address', '')}: {each['summary']} {each['detail']}" for each in wrong)
