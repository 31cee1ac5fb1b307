"""Settings of the employer service, beside those every service has."""

from pathlib import Path

from servicekit.settings import ServiceSettings


class EmployerSettings(ServiceSettings):
    """Where files go."""

    object_dir: Path
    """Where attachments are kept, sealed. All web and worker processes of this service share it, and no other does."""
