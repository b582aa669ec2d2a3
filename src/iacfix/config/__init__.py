"""What a user can choose: one file, a few variables, one frozen value."""

from iacfix.config.load import load_settings
from iacfix.config.locating import LocateSettings, RepositorySettings, StateSetting
from iacfix.config.settings import GitHostSettings, ModelSettings, PriceSettings, RedactSettings, Settings

__all__ = [
    "GitHostSettings",
    "LocateSettings",
    "ModelSettings",
    "PriceSettings",
    "RedactSettings",
    "RepositorySettings",
    "Settings",
    "StateSetting",
    "load_settings",
]
