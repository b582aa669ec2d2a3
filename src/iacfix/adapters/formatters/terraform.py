"""`terraform fmt`, of one text in a folder of its own: it reads nothing else and asks nobody."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from iacfix.adapters.programs import find_program, run
from iacfix.ports import ToolError

MAX_KEPT = 200
_FIXED = {"CHECKPOINT_DISABLE": "1", "LC_ALL": "C.UTF-8", "TF_IN_AUTOMATION": "1"}
_QUOTED = 300


class TerraformFormatter:
    """`command` is terraform or tofu with its first arguments; `search_path` is where it is looked for, `timeout` in
    seconds. Once it does not answer, it is not started again.
    """

    def __init__(self, command: Sequence[str] = ("terraform",), *, search_path: str, timeout: float) -> None:
        self._command = tuple(command)
        self._search_path = search_path
        self._timeout = timeout
        self._known: dict[bytes, bytes] = {}
        self._failed: ToolError | None = None

    def formatted(self, text: bytes) -> bytes:
        if self._failed is not None:
            raise self._failed
        if text not in self._known:
            try:
                self._known[text] = self._formatted(text)
            except ToolError as error:
                self._failed = error
                raise
            while len(self._known) > MAX_KEPT:
                del self._known[next(iter(self._known))]
        return self._known[text]

    def _formatted(self, text: bytes) -> bytes:
        program = find_program(self._command[0], self._search_path)
        with tempfile.TemporaryDirectory(prefix="iacfix-fmt-") as name:
            file = Path(os.path.realpath(name)) / "main.tf"
            file.write_bytes(text)
            finished = run(
                [program, *self._command[1:], "fmt", "-list=false", "-no-color", str(file)],
                cwd=file.parent,
                environment={**_FIXED, "PATH": self._search_path, "HOME": str(file.parent)},
                timeout=self._timeout,
            )
            if finished.code == 0:
                return file.read_bytes()
        said = finished.words[-_QUOTED:] or "without a word"
        raise ToolError(f"terraform fmt ended with exit code {finished.code}: {said}")
