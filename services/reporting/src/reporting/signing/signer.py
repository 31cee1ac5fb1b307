"""Signs finished documents (PAdES, invisible): a changed byte is noticed by any PDF reader.

pyHanko is loaded when the first document is signed: web processes never need it. One document at a time, in a thread:
signing takes some milliseconds, most of them in C.
"""

import asyncio
from functools import cached_property
from io import BytesIO
from typing import Any

from cryptography import x509

from reporting.signing.identity import SigningIdentity

FIELD = "HallSeal"
_ROOM = 16384
"""Places kept for the signature with its chain; two for each byte."""


class Signer:
    """Signs with one identity."""

    def __init__(self, identity: SigningIdentity, *, agency: str) -> None:
        self._identity = identity
        self._agency = agency
        self._one_at_a_time = asyncio.Lock()

    @property
    def certificate(self) -> x509.Certificate:
        """That of the key which signs."""
        return self._identity.chain[0]

    async def sign(self, pdf: bytes) -> bytes:
        """The document with its signature behind it."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._sign, pdf)

    async def warm_up(self) -> None:
        """Loads what signing needs, so that the first document doesn't wait for it."""
        async with self._one_at_a_time:
            await asyncio.to_thread(lambda: self._signer)

    @cached_property
    def _signer(self) -> Any:
        from asn1crypto import keys
        from asn1crypto.x509 import Certificate
        from cryptography.hazmat.primitives import serialization
        from pyhanko.sign import signers
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        from reporting.signing.naming import OfOneCertificate

        der, pkcs8 = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
        key = self._identity.key.private_bytes(der, pkcs8, serialization.NoEncryption())
        own, *above = (Certificate.load(one.public_bytes(der)) for one in self._identity.chain)
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # its constructor has no annotations
        registry.register_multiple(above)
        signer = signers.SimpleSigner(
            signing_cert=own, signing_key=keys.PrivateKeyInfo.load(key), cert_registry=registry, embed_roots=True
        )
        signer.signed_attr_prov_spec = OfOneCertificate(own)
        return signer

    def _sign(self, pdf: bytes) -> bytes:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import signers
        from pyhanko.sign.fields import SigSeedSubFilter

        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            name=self._agency,
            reason="出具证明",
            signer_key_usage={"digital_signature"},
        )
        signed = signers.PdfSigner(metadata, self._signer).sign_pdf(writer, bytes_reserved=_ROOM)
        content: bytes = signed.getvalue()
        return content
