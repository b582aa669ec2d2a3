"""A small estate that the real terraform builds in moto: the code, the state and the things themselves."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import cast

import pytest
from moto.server import ThreadedMotoServer
from tests.support import terraform

SOURCE = Path(__file__).resolve().parents[2] / "fixtures" / "closed" / "terraform_on_moto"
INDEX, CALL = re.compile(r'\["[^"]*"\]|\[\d+\]'), re.compile(r"module\.([\w-]+)")


@dataclass(frozen=True)
class Made:
    """A thing that terraform made, as `terraform show` tells it; `arn` is "" where the type has none.

    `folder` is where terraform itself says that the code of its module stands, "" for the root.
    """

    address: str
    type: str
    name: str
    folder: str
    values: Mapping[str, object]

    @property
    def arn(self) -> str:
        return str(self.values.get("arn") or "")

    @property
    def id(self) -> str:
        return str(self.values["id"])


@dataclass(frozen=True)
class Estate:
    """`repository` holds nothing but the code as it was written; moto answers at `endpoint` until the session ends."""

    repository: Path
    state: Path
    made: tuple[Made, ...]
    endpoint: str

    def at(self, address: str) -> Made:
        return next(each for each in self.made if each.address == address)


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    home = tmp_path_factory.mktemp("estate")
    environment = terraform.environment(home)
    repository, work = home / "repository", home / "work"
    shutil.copytree(SOURCE, repository)
    shutil.copytree(SOURCE, work)
    (work / "moto_override.tf").write_text('provider "aws" {\n  s3_use_path_style = true\n  max_retries = 5\n}\n')
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        environment |= {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

        def run(*arguments: str) -> str:
            command = ["terraform", f"-chdir={work}", *arguments]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
            assert done.returncode == 0, done.stderr
            return done.stdout

        run("init", "-input=false", "-no-color")
        run("apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=30")
        shown = cast("dict[str, dict[str, object]]", json.loads(run("show", "-json")))
        made = tuple(_made(shown["values"]["root_module"], _folders(work)))
        yield Estate(repository, work / "terraform.tfstate", made, endpoint)
    finally:
        server.stop()


def _folders(work: Path) -> dict[str, str]:
    """By the names of the calls (`shops.jobs`), after terraform's own notes."""
    notes = json.loads((work / ".terraform" / "modules" / "modules.json").read_text())
    return {
        str(each["Key"]): "" if each["Dir"] == "." else str(PurePosixPath(each["Dir"])) for each in notes["Modules"]
    }


def _made(module: object, folders: Mapping[str, str]) -> Iterator[Made]:
    within = cast("dict[str, list[dict[str, object]]]", module)
    calls = CALL.findall(INDEX.sub("", str(within.get("address", ""))))
    for each in within.get("resources", []):
        if each["mode"] == "managed":
            values = cast("dict[str, object]", each["values"])
            yield Made(str(each["address"]), str(each["type"]), str(each["name"]), folders[".".join(calls)], values)
    for child in within.get("child_modules", []):
        yield from _made(child, folders)
