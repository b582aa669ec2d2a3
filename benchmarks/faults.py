"""Every request of opening and of changing a pull request, spoiled in every way, for docs/git-hosts.md. Minutes."""

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks import results
from tests.contract.conftest import HOSTS
from tests.contract.fault_table import DONE, Cell, cells
from tests.contract.spoiling import KINDS, SPOILERS

PAGE = Path(__file__).parent.parent / "docs" / "git-hosts.md"


def table(found: Iterable[Cell]) -> str:
    steps: dict[tuple[int, str], dict[str, str]] = {}
    for cell in found:
        told = DONE if cell.first == DONE else cell.second
        steps.setdefault((cell.step, cell.name), {})[cell.kind] = told
    kinds = [kind for kind in KINDS if any(kind in row for row in steps.values())]
    rows = [(f"{at}. {name}", *(row.get(kind, "") for kind in kinds)) for (at, name), row in steps.items()]
    return results.table(("request", *kinds), rows)


def page(name: str) -> str:
    parts = []
    with tempfile.TemporaryDirectory() as folder, HOSTS[name](Path(folder)) as host:
        spoiler = SPOILERS[name](host)
        for changing, title in ((False, "opening"), (True, "changing the fix of one that is open")):
            found = list(cells(spoiler, changing=changing))
            parts.append(f"**{name}, {title}** ({len(found)} runs that were cut short)\n\n{table(found)}")
    return "\n\n".join(parts)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--host", choices=sorted(HOSTS), action="append", help="these alone")
    options.add_argument("--write", action="store_true", help="keep the tables in docs/git-hosts.md")
    given = options.parse_args()
    for name in given.host or sorted(HOSTS):
        text = page(name)
        print(text)
        if given.write:
            results.write(f"faults-{name}", text, PAGE)


if __name__ == "__main__":
    main()
