"""Which certificate a signature belongs to, said once for all documents. Imported with the first signature only.

PAdES signs the certificate's digest, issuer and number along (signing-certificate-v2, RFC 5035). asn1crypto encodes
such a value anew for each structure it is put into: 60 of 75 ms of every signature. Read back from its encoding, it
stays encoded.
"""

from collections.abc import Iterable
from typing import Any

from asn1crypto import tsp
from asn1crypto.x509 import Certificate
from pyhanko.sign.attributes import CMSAttributeProvider, SignedAttributeProviderSpec
from pyhanko.sign.general import as_signing_certificate_v2


class _Encoded(CMSAttributeProvider):
    attribute_type = "signing_certificate_v2"

    def __init__(self, encoded: bytes) -> None:
        self._encoded = encoded

    async def build_attr_value(self, dry_run: bool = False) -> Any:
        """The value, which nobody changes."""
        return tsp.SigningCertificateV2.load(self._encoded)


class OfOneCertificate(SignedAttributeProviderSpec):
    """What pyHanko signs along with a PAdES signature: content type and digest are its own, this is the rest."""

    def __init__(self, certificate: Certificate) -> None:
        self._provider = _Encoded(as_signing_certificate_v2(certificate).dump())

    def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> Iterable[CMSAttributeProvider]:
        """The same for every document."""
        return [self._provider]
