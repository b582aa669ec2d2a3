"""Programs that are started: found by absolute paths alone, no shell, bounded in time and in what they say."""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from iacfix.domain.secrets import redact
from iacfix.ports import ToolError


class TooSlowError(ToolError):
    """A program ran out of time."""


MAX_OUTPUT_BYTES = 64 * 1024 * 1024
_CHUNK = 1 << 16
_WORDS_KEPT = 4000


@dataclass(frozen=True, slots=True)
class Finished:
    """`words` is the end of its standard error, on one line and without secrets."""

    code: int
    stdout: bytes
    words: str


def find_program(name: str, search_path: str) -> str:
    """Raises ToolError. Relative entries are passed over: they would be looked up in somebody else's repository."""
    if os.sep in name and not Path(name).is_absolute():
        raise ToolError(f"the program {name} is given by a relative path", remedy="give its whole path, or its name")
    absolute = os.pathsep.join(entry for entry in search_path.split(os.pathsep) if Path(entry).is_absolute())
    found = shutil.which(name, path=absolute)
    if found is None:
        raise ToolError(f"{name} was not found")
    return found


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    timeout: float,
    most: int = MAX_OUTPUT_BYTES,
) -> Finished:
    """Whatever it started goes with it. Raises TooSlowError when it takes longer than `timeout` seconds, ToolError when
    it says more than `most` bytes, or cannot be started.
    """
    name = Path(command[0]).name
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise ToolError(f"{name} could not be started ({type(error).__name__})") from None
    try:
        stdout, stderr = _listen(process, name, timeout, most)
    finally:
        _end(process)
    return Finished(process.returncode, stdout, _shown(stderr))


def _listen(process: "subprocess.Popen[bytes]", name: str, timeout: float, most: int) -> tuple[bytes, bytes]:
    deadline = time.monotonic() + timeout
    heard: dict[IO[bytes], bytearray] = {}
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                heard[stream] = bytearray()
                selector.register(stream, selectors.EVENT_READ, stream)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready and time.monotonic() >= deadline:
                raise TooSlowError(f"{name} took longer than {timeout:g} seconds", remedy="allow it more time")
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                heard[key.data].extend(chunk)
            if sum(map(len, heard.values())) > most:
                raise ToolError(f"{name} said more than {most} bytes")
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TooSlowError(f"{name} took longer than {timeout:g} seconds", remedy="allow it more time") from None
    stdout, stderr = heard.values()
    return bytes(stdout), bytes(stderr)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The whole group: plugins and workers that outlive the program too."""
    with contextlib.suppress(ProcessLookupError):  # all of it has ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _shown(stderr: bytes) -> str:
    text = " ".join(redact(stderr[-_CHUNK:].decode("utf-8", "replace")).split())
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)[-_WORDS_KEPT:]
