"""Every control with a runbook, on a moto server: made wrong, changed by its runbook, verified, and taken back.

`python -m benchmarks.remediation [CONTROL …]` prints a row for each.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from moto.server import ThreadedMotoServer
from tests.contract.aws import REGION
from tests.contract.remediating import WITH_RUNBOOK, WRONG, House, documents, finding

from iacfix.testing.ssm_server import AwsWithRunbooks


def row(front: AwsWithRunbooks, control: str, folder: Path) -> str:
    house = House(front, folder / f"{control}.sqlite", per_minute=100)
    found = finding(WITH_RUNBOOK[control], WRONG[control]())
    begun = time.perf_counter()
    remedied = house.approved(found)
    seconds = time.perf_counter() - begun
    back = "-"
    if remedied.entry is not None and remedied.entry.execution:
        taken = house.rollback().restore(remedied.entry, by="ann", apply=True)
        back = "as before" if taken.done else taken.reason
    return f"| {control} | {remedied.ending} | {back} | {seconds:.2f} s | {remedied.reason} |"


def main(wanted: list[str]) -> None:
    os.environ |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    os.environ |= {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print("| control | ending | taken back | both runs | what was seen |\n|---|---|---|---|---|")
    with AwsWithRunbooks(f"http://{host}:{port}", documents()) as front, tempfile.TemporaryDirectory() as folder:
        os.environ["AWS_ENDPOINT_URL"] = front.url
        for control in sorted(wanted or WRONG):
            print(row(front, control, Path(folder)), flush=True)
    server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
