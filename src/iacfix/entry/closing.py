"""From the configuration to what tells the tools what was seen of a live resource."""

from iacfix.config import Settings
from iacfix.entry.finding_sources import trackers_from
from iacfix.workflows.close import Closer
from iacfix.workflows.record import Recorder


def closer_from(settings: Settings, recorder: Recorder) -> Closer:
    """Raises ConfigurationError."""
    return Closer(recorder, trackers_from(settings))
