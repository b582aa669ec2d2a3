"""What a user can choose: one file, a few variables, one frozen value."""

from iacfix.config.load import load_settings
from iacfix.config.settings import GitHostSettings, ModelSettings, Settings

__all__ = ["GitHostSettings", "ModelSettings", "Settings", "load_settings"]
