"""Whether a file carries our signature and still is what was signed. Pure, and careful: anybody may send anything.

It looks at the last signature of the file only, reads nothing of the PDF but where that signature is, and takes time in
proportion to the file's size. A PDF reader checks more; this answers what the verification page is asked.
"""

import hashlib
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

Signature = Literal["valid", "broken", "foreign", "none"]
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_LARGEST_SIGNATURE = 200_000


@dataclass(frozen=True)
class Checked:
    """What a file's last signature says. `covered`: bytes from the beginning that it covers."""

    signature: Signature
    covered: int = 0


def check(pdf: bytes, certificates: Sequence[x509.Certificate]) -> Checked:
    """Looks at a file as it was sent. `certificates`: those that we sign with, or did."""
    ranges = deque(_RANGE.finditer(pdf), maxlen=1)
    if not ranges:
        return Checked("none")
    start, length, after, rest = (int(figure) for figure in ranges[0].groups())
    hole = pdf[length:after]
    if start != 0 or not length < after <= after + rest <= len(pdf) or hole[:1] != b"<" or hole[-1:] != b">":
        return Checked("foreign")
    if len(hole) > _LARGEST_SIGNATURE:
        return Checked("foreign")
    digest = hashlib.sha256(pdf[:length])
    digest.update(pdf[after : after + rest])
    return Checked(_judged(hole[1:-1], digest.digest(), certificates), after + rest)


def _judged(encoded: bytes, digest: bytes, certificates: Sequence[x509.Certificate]) -> Signature:
    try:
        # What is behind the signature in its place is filled up with zeros.
        content = cms.ContentInfo.load(bytes.fromhex(encoded.decode("ascii")), strict=False)
        signer = content["content"]["signer_infos"][0]
        signed, attributes = bytes(signer["signature"].native), signer["signed_attrs"]
        told = {one["type"].native: one["values"][0] for one in attributes}
        said = told["message_digest"].native
        attributes_bytes = attributes.untag().dump()
    except (ValueError, KeyError, IndexError, TypeError, UnicodeDecodeError):
        return "foreign"
    if not any(_signed_by(certificate, signed, attributes_bytes) for certificate in certificates):
        return "foreign"
    return "valid" if said == digest else "broken"


def _signed_by(certificate: x509.Certificate, signature: bytes, content: bytes) -> bool:
    key = certificate.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True
