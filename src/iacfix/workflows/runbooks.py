"""Starting a runbook, and following it to its real end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from iacfix.ports.runbooks import Execution, Progress, RunbookError, RunbookRunner, Start
from iacfix.workflows.clock import Clock, utc_now

LONGEST_PAUSE = 30.0
_NO_END = "it came to no end in time, and was told to stop"


@dataclass(frozen=True)
class Following:
    """`deadline` is for the whole, from the first try to start it; `interval` is seconds between looks."""

    runner: RunbookRunner
    sleep: Callable[[float], None]
    now: Clock = utc_now
    deadline: timedelta = timedelta(minutes=40)
    interval: float = 5.0

    def run(self, start: Start, begun: Callable[[str], None]) -> Execution:
        """1. start it, again while the service is busy, always with the same token; 2. tell that it has begun;
        3. look until it ends, or stop it. Raises RunbookError where it could not be started.
        """
        until = self.now() + self.deadline
        execution = self._started(start, until)
        begun(execution)
        return self._ended(execution, start, until)

    def _started(self, start: Start, until: datetime) -> str:
        pause = 1.0
        while True:
            try:
                return self.runner.start(start)
            except RunbookError as error:
                if not error.passes or self.now() + timedelta(seconds=pause) >= until:
                    raise
            self.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _ended(self, execution: str, start: Start, until: datetime) -> Execution:
        while True:
            try:
                seen = self.runner.look(execution, start.at, start.correlation)
                if seen.progress is not Progress.RUNNING:
                    return seen
            except RunbookError as error:
                if not error.passes:
                    return Execution(execution, Progress.TIMED_OUT, f"nobody could see its end: {error}")
            if self.now() + timedelta(seconds=self.interval) >= until:
                return self._stopped(execution, start)
            self.sleep(self.interval)

    def _stopped(self, execution: str, start: Start) -> Execution:
        try:
            self.runner.stop(execution, start.at, start.correlation)
        except RunbookError as error:
            return Execution(execution, Progress.TIMED_OUT, f"{_NO_END}; that failed too: {error}")
        return Execution(execution, Progress.TIMED_OUT, _NO_END)
