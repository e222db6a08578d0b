"""Opens the folder of compliance as monitoring.yaml names it, or says what stands in the way."""

import sqlite3
from typing import TYPE_CHECKING

from ai_monitoring.compliance.settings import ComplianceSettings
from ai_monitoring.configuration import ConfigurationError

if TYPE_CHECKING:
    from ai_monitoring.compliance.stores import Stores


def open_stores(settings: ComplianceSettings) -> "Stores | None":
    """None without `compliance.folder`. Raises ConfigurationError where the folder cannot be used."""
    if settings.folder is None:
        return None
    try:
        from ai_monitoring.compliance.stores import Stores
    except ImportError as error:
        text = "compliance.folder needs the package cryptography: pip install 'ai-monitoring[compliance]'"
        raise ConfigurationError(text) from error
    try:
        return Stores.open(settings.folder, settings.anchor)
    except ValueError as error:
        raise ConfigurationError(f"compliance.folder {settings.folder} cannot be used: {error}") from error
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(
            f"compliance.folder {settings.folder} cannot be used: {error}. It has to be a folder that this user may"
            " write, and nobody else has to read"
        ) from error
