"""Opens the folder of compliance as monitoring.yaml names it, the key of pseudonyms without one, or says what stands in
the way.
"""

import sqlite3
from typing import TYPE_CHECKING

from ai_monitoring.compliance.pseudonym import FILE_VARIABLE, VARIABLE, Pseudonyms
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


def open_pseudonyms() -> Pseudonyms:
    """Those of a process without that folder. Raises ConfigurationError where the environment's key cannot be used."""
    try:
        return Pseudonyms.load()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{VARIABLE} or {FILE_VARIABLE} cannot be used: {error}") from error
