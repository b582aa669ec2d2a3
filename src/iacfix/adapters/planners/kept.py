"""Plans take long: each is made once in a run, and a failure is not tried again."""

import hashlib
from collections.abc import Callable, Mapping

from iacfix.ports import Plan, ToolError


class KeptPlans:
    def __init__(self) -> None:
        self._known: dict[str, Plan | ToolError] = {}

    def plan(self, root: str, overlay: Mapping[str, bytes], make: Callable[[], Plan]) -> Plan:
        """Raises the ToolError that `make` raised."""
        key = _key(root, overlay)
        if key not in self._known:
            try:
                self._known[key] = make()
            except ToolError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, ToolError):
            raise found
        return found


def _key(root: str, overlay: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(f"{len(root)} {root}".encode())
    for path in sorted(overlay):
        digest.update(f"\n{len(path)} {path} {len(overlay[path])}\n".encode() + overlay[path])
    return digest.hexdigest()
