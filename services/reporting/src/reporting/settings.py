"""Settings of the reporting service, beside those every service has."""

from pathlib import Path
from typing import Self, cast

from pydantic import Field, SecretStr, model_validator

from reporting.signing.identity import SigningIdentity
from servicekit.settings import ServiceSettings
from servicekit.store import FileStore, ObjectStore
from servicekit.store.s3 import S3Objects, S3Settings

DEMO_AGENCY = "宁波市医疗保险经办机构（演示）"
"""Who issues the documents of a demo; production must name the real agency."""


class ReportingSettings(ServiceSettings):
    """Where the facts come from, where files go, and what documents say of their issuer."""

    enrollment_url: str = "http://enrollment:8000"
    employer_url: str = "http://employer:8000"
    reporting_secret: SecretStr
    """Shown to identity when a report is made under its requester's authority."""
    object_dir: Path | None = None
    """Where finished files are kept, sealed. All web and worker processes of this service share it."""
    object_s3: S3Settings | None = None
    """An S3-compatible store instead of the folder (JSON): with it the processes may run anywhere."""
    public_url: str
    """Address of the hall as people type it: printed on documents and in their QR codes."""
    agency_name: str = Field(default=DEMO_AGENCY, min_length=2, max_length=24)
    """Who issues documents; also the text of the seal."""
    document_signing_key: SecretStr
    """What documents are signed with: a PEM key (RSA or ECDSA) and its certificates, its own first."""
    renderers: int = Field(default=1, ge=1, le=16)
    """Rendering processes of each worker: one for each core it may use."""
    report_days: int = Field(default=30, ge=1)
    """How long a report and its file are kept. What its verification shows is kept longer."""

    @model_validator(mode="after")
    def _real_issuer(self) -> Self:
        if (self.object_dir is None) == (self.object_s3 is None):
            raise ValueError("give either object_dir or object_s3")
        identity = self.identity()
        if self.profile == "production":
            if self.agency_name == DEMO_AGENCY:
                raise ValueError("agency_name must name the real agency in production")
            if identity.is_demo:
                raise ValueError("document_signing_key has a demo certificate: get one from a certificate authority")
        return self

    def identity(self) -> SigningIdentity:
        """Who signs."""
        return SigningIdentity.read(self.document_signing_key.get_secret_value())

    def objects(self) -> ObjectStore:
        """Where files are kept."""
        if self.object_s3 is not None:
            return S3Objects(self.object_s3)
        return FileStore(cast("Path", self.object_dir))

    def verify_url(self, code: str) -> str:
        """What the QR code of a document leads to."""
        return f"{self.public_url.rstrip('/')}/verify/{code}"
