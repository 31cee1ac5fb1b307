"""What makes one installation on this machine its own: a data folder and secrets made at random on first start."""

import base64
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from reporting.settings import DEMO_AGENCY
from reporting.signing.identity import demo_identity
from servicekit.db.provision import app_url, migrator_url
from standalone.names import SERVICES
from standalone.postgres import EmbeddedPostgres


class FolderInUse(RuntimeError):
    """Another hall works in this data folder."""


def _key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _new_secrets() -> dict[str, Any]:
    signing = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {
        "gateway_secret": secrets.token_urlsafe(32),
        "reporting_secret": secrets.token_urlsafe(32),
        "token_signing_key": signing.decode(),
        "person_link_key": _key(),
        "services": {
            name: {
                "migrator_password": secrets.token_urlsafe(24),
                "app_password": secrets.token_urlsafe(24),
                "personal_key": _key(),
                "blind_index_key": _key(),
            }
            for name in SERVICES
        },
    }


class Instance:
    """One installation: where its data are and what its secrets are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._secrets: dict[str, Any] = json.loads(self._kept("secrets.json", lambda: json.dumps(_new_secrets())))
        if "person_link_key" not in self._secrets:  # a folder of before there was one
            self._secrets["person_link_key"] = _key()
            self._write("secrets.json", json.dumps(self._secrets))
        # What the demo signs its documents with; its certificate says that it is one.
        self._signing_identity = self._kept("signing.pem", lambda: demo_identity(DEMO_AGENCY))

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        """A text of this installation, made when it is first wanted."""
        file = self.folder / name
        if not file.exists():
            self._write(name, make())
        return file.read_text()

    def _write(self, name: str, content: str) -> None:
        """Writes a text that only its owner may read, whole or not at all."""
        file = self.folder / name
        unfinished = file.with_suffix(".new")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(content)
        unfinished.rename(file)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Holds the folder for this process.

        Raises:
            FolderInUse: another process holds it.
        """
        with (self.folder / "lock").open("w") as file:
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except BlockingIOError as held:
                raise FolderInUse(f"another hall is running on {self.folder}") from held
            yield

    @property
    def gateway_secret(self) -> str:
        """What the gateway proves itself with at identity."""
        return str(self._secrets["gateway_secret"])

    def database_secrets(self, service: str) -> dict[str, str]:
        """`migrator_password` and `app_password` of a service's database."""
        own = self._secrets["services"][service]
        return {name: own[name] for name in ("migrator_password", "app_password")}

    def settings(
        self,
        service: str,
        postgres: EmbeddedPostgres,
        *,
        profile: str,
        urls: dict[str, str],
        public_url: str,
        business_today: date | None = None,
        broker_url: str | None = None,
    ) -> dict[str, Any]:
        """The settings of one service. `urls` are where the services answer, by name."""
        own = self._secrets["services"][service]
        admin = postgres.url()
        values: dict[str, Any] = {
            "profile": profile,
            "database_url": app_url(admin, service, own["app_password"]),
            "migration_database_url": migrator_url(admin, service, own["migrator_password"]),
            "broker_url": broker_url,
            "identity_url": urls["identity"],
            "personal_keys": {"k1": own["personal_key"]},
            "personal_key_id": "k1",
            "blind_index_key": own["blind_index_key"],
            "business_today": business_today.isoformat() if business_today else None,
        }
        if service == "identity":
            values |= {
                "token_signing_key": self._secrets["token_signing_key"],
                "gateway_secret": self.gateway_secret,
                "reporting_secret": self._secrets["reporting_secret"],
                "public_url": public_url,
            }
        if service == "employer":
            values["object_dir"] = str(self.folder / "attachments")
        if service in ("identity", "enrollment"):
            values["person_link_key"] = self._secrets["person_link_key"]
        if service == "reporting":
            values |= {
                "reporting_secret": self._secrets["reporting_secret"],
                "enrollment_url": urls["enrollment"],
                "employer_url": urls["employer"],
                "object_dir": str(self.folder / "objects"),
                "document_signing_key": self._signing_identity,
                "public_url": public_url,
            }
        return {name: value for name, value in values.items() if value is not None}


def environment_of(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings as a process's `HALL_*` environment variables."""
    return {
        f"HALL_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in settings.items()
    }
