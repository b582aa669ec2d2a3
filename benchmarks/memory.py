"""The peak memory of a cold index and of 1,000 findings, each in a process of its own."""

import subprocess
import sys
from pathlib import Path

from benchmarks.opened import forget, locate_all, opened
from benchmarks.repository import things

_STATUS = Path("/proc/self/status")


def peak(folder: Path, count: int, findings: int = 0) -> float:
    """In MB, of a cold index and then that many findings."""
    forget(folder)
    command = (sys.executable, "-m", "benchmarks.memory", str(folder), str(count), str(findings))
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def own_peak() -> float:
    """In MB. `getrusage` would answer no less than what the process held that started this one."""
    held = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(held.split()[1]) / 1000


def main() -> None:
    folder, count, findings = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    repository = opened(folder)
    assert repository.index.folders
    if findings:
        locate_all(repository, things(count), findings)
    print(own_peak())


if __name__ == "__main__":
    main()
