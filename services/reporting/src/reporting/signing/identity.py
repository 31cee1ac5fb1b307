"""Who signs: a private key with its certificate and those above it, in one PEM text."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

DEMO_MARK = "演示"
_DEMO_DAYS = 3650
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class SigningIdentity:
    """A key and its chain of certificates, its own first."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    chain: tuple[x509.Certificate, ...]

    @classmethod
    def read(cls, pem: str) -> Self:
        """From PEM. `\\n` for a line break is understood too, as in environment files.

        Raises:
            ValueError: it is no key with its certificate. The text of the error quotes nothing of it.
        """
        text = pem.replace("\\n", "\n")
        try:
            key = serialization.load_pem_private_key(text.encode(), password=None)
            chain = tuple(x509.load_pem_x509_certificate(found.encode()) for found in _CERTIFICATE.findall(text))
        except (ValueError, TypeError):
            raise ValueError("the signing identity must be an unencrypted PEM key with its certificate") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise ValueError("documents are signed with RSA or ECDSA keys: that is what PDF readers know")
        if not chain or chain[0].public_key() != key.public_key():
            raise ValueError("the first certificate of the signing identity must be that of its key")
        return cls(key, chain)

    @property
    def is_demo(self) -> bool:
        """Whether it was made by `demo_identity`."""
        names = self.chain[0].subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        return any(DEMO_MARK in str(name.value) for name in names)


def demo_identity(agency: str) -> str:
    """A new key with a certificate for trying out, as PEM: it says of itself that it is one."""
    return self_signed(agency, department=f"{DEMO_MARK}证书，无法律效力")


def self_signed(agency: str, *, department: str) -> str:
    """A new key with a certificate that it signed itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, agency),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, department),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{agency}电子签章"),
        ]
    )
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DEMO_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return (pem + certificate.public_bytes(serialization.Encoding.PEM)).decode()
