"""Personal data: ID numbers, mobiles, bank account numbers.

In memory they are a `Personal`, which prints masked wherever it is printed; `reveal()` is the one way to the real
value and easy to search for. At rest they are sealed by the `Vault` (AES-256-GCM or SM4-GCM, key id in the ciphertext),
found through a keyed blind index, and listed through a mask that is stored beside them, so that lists never decrypt.
"""

import hmac
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from servicekit.settings import ServiceSettings, decode_key

PersonalKind = Literal["id_number", "mobile", "bank_account"]

REVEAL: Mapping[str, bool] = {"reveal": True}
"""Serialisation context in which personal values come out in full: `form.model_dump_json(context=REVEAL)`."""

PersonalCipher = Literal["aes-256-gcm", "sm4-gcm"]
# The first byte of a ciphertext. Values sealed with either are opened with either setting.
_FORMATS: Mapping[PersonalCipher, int] = {"aes-256-gcm": 1, "sm4-gcm": 2}
_TAG_BYTES = 16
_NONCE_BYTES = 12
_MAX_LENGTH = 64
_NOT_WORD = re.compile(r"[\s\-\u2010-\u2015]+")
_UNKNOWN_MASK = "***"


def normalise(kind: PersonalKind, value: str) -> str:
    """The one form under which a value is indexed: half width, upper case, no blanks or dashes; mobiles without +86."""
    if value.isascii() and value.isalnum():  # nearly always, and much quicker
        text = value.upper()
    else:
        text = _NOT_WORD.sub("", unicodedata.normalize("NFKC", value)).upper()
    if kind == "mobile":
        text = text.removeprefix("+86")
    return text


def mask(kind: PersonalKind | None, value: str) -> str:
    """What may be shown: 330203********1232, 138****1234, ************5678. Short values keep their ends only."""
    length = len(value)
    if kind == "id_number" and length in (15, 18):
        return _keep(value, 6, 4)
    if kind == "id_number":  # passports, permits: 5 to 20 characters
        return _keep(value, 2, 2) if length >= 7 else _keep(value, 1, 1)
    if kind == "mobile" and length == 11:
        return _keep(value, 3, 4)
    if kind == "bank_account" and length >= 8:
        return _keep(value, 0, 4)
    if kind is None:
        return _UNKNOWN_MASK
    return _keep(value, 0, 2) if length >= 4 else "*" * length


def mask_name(name: str) -> str:
    """A name with everything after its first character starred: 王小明 -> 王**."""
    return name[:1] + "*" * (len(name) - 1)


def _keep(value: str, first: int, last: int) -> str:
    if len(value) <= first + last:
        return "*" * len(value)
    return value[:first] + "*" * (len(value) - first - last) + value[len(value) - last :]


class Personal:
    """A personal value. Equal and hashable by its real value; printed, formatted and serialised masked."""

    __slots__ = ("_kind", "_value")
    _kind: PersonalKind | None
    _value: str

    def __init__(self, value: str, kind: PersonalKind | None = None) -> None:
        object.__setattr__(self, "_value", value)
        object.__setattr__(self, "_kind", kind)

    def reveal(self) -> str:
        """The real value. Showing it to somebody is audited by whoever shows it."""
        return self._value

    @property
    def kind(self) -> PersonalKind | None:
        """What it is, if known."""
        return self._kind

    def masked(self) -> str:
        """The value as it may be shown."""
        return mask(self._kind, self._value)

    def __str__(self) -> str:
        return self.masked()

    def __repr__(self) -> str:
        return f"Personal({self.masked()!r})"

    def __format__(self, spec: str) -> str:
        return format(self.masked(), spec)

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personal) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("personal values don't change")

    def __copy__(self) -> "Personal":
        return self

    def __deepcopy__(self, memo: object) -> "Personal":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("personal values are not pickled: seal them, or reveal() them on purpose")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _schema(None)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1, "maxLength": _MAX_LENGTH}


@dataclass(frozen=True)
class _OfKind:
    """Annotation that tells a request field what kind of personal value it takes."""

    kind: PersonalKind

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _schema(self.kind)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1, "maxLength": _MAX_LENGTH}


def _schema(kind: PersonalKind | None) -> CoreSchema:
    def build(value: str) -> Personal:
        return Personal(value, kind)

    def show(value: Personal, info: core_schema.SerializationInfo) -> Any:
        if isinstance(info.context, Mapping) and info.context.get("reveal"):
            return value.reveal()
        return value.masked() if info.mode_is_json() else value

    def accept(value: Any, read: core_schema.ValidatorFunctionWrapHandler) -> Personal:
        # Not a union of the two: its faults would name schema branches in their places.
        return value if isinstance(value, Personal) else build(read(value))

    return core_schema.no_info_wrap_validator_function(
        accept,
        core_schema.str_schema(strip_whitespace=True, min_length=1, max_length=_MAX_LENGTH),
        serialization=core_schema.plain_serializer_function_ser_schema(show, info_arg=True),
    )


PersonalStr = Personal
"""Field of a request or answer model: a string outside, a `Personal` of unknown kind (printed `***`) inside."""
IdNumberStr = Annotated[Personal, _OfKind("id_number")]
MobileStr = Annotated[Personal, _OfKind("mobile")]
BankAccountStr = Annotated[Personal, _OfKind("bank_account")]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A personal value ready for its three columns."""

    ciphertext: bytes
    index: bytes
    masked: str


class SealBroken(Exception):
    """A ciphertext that can't be opened: damaged, moved to a column of another kind, or its key is gone."""


class Vault:
    """Seals and opens personal values. One per process.

    Ciphertext: format (1 byte), length of the key id (1), key id, nonce (12), the value encrypted, with its tag (16).
    The kind and the header are authenticated, so a sealed mobile is no ID number and a key id can't be swapped.
    Nonces are random: a key should seal fewer than 2^32 values, then be followed by a new one.
    """

    def __init__(
        self,
        keys: Mapping[str, bytes],
        *,
        active: str,
        index_key: bytes,
        cipher: PersonalCipher = "aes-256-gcm",
    ) -> None:
        if active not in keys:
            raise ValueError("the active key is none of the keys")
        if any(len(key) != 32 for key in (*keys.values(), index_key)):
            raise ValueError("every key is 32 bytes")
        if index_key in keys.values():
            raise ValueError("the index key must not be an encryption key")
        if any(not 1 <= len(key_id.encode()) <= 255 for key_id in keys):
            raise ValueError("a key id has 1 to 255 bytes")
        self._ciphers: dict[tuple[int, str], AESGCM | _Sm4Gcm] = {}
        for key_id, key in keys.items():
            self._ciphers[_FORMATS["aes-256-gcm"], key_id] = AESGCM(key)
            self._ciphers[_FORMATS["sm4-gcm"], key_id] = _Sm4Gcm(key)
        self._format = _FORMATS[cipher]
        self._header = _header(self._format, active)
        self._cipher = self._ciphers[self._format, active]
        self._index_key = index_key

    @classmethod
    def of(cls, settings: ServiceSettings) -> "Vault":
        """The vault of a process."""
        return cls(
            {key_id: decode_key(key) for key_id, key in settings.personal_keys.items()},
            active=settings.personal_key_id,
            index_key=decode_key(settings.blind_index_key),
            cipher=settings.personal_cipher,
        )

    def seal(self, kind: PersonalKind, value: str | Personal) -> Sealed:
        """Encrypts, indexes and masks. The value is kept as given; only the index normalises it."""
        text = value.reveal() if isinstance(value, Personal) else value
        return Sealed(self.seal_bytes(kind, text.encode()), self.index(kind, text), mask(kind, text))

    def open(self, kind: PersonalKind, ciphertext: bytes) -> Personal:
        """Decrypts.

        Raises:
            SealBroken: it was not sealed as this kind by a key we have.
        """
        text = self.open_bytes(kind, ciphertext)
        return Personal(text.decode(), kind)

    def seal_bytes(self, label: str, content: bytes) -> bytes:
        """Encrypts anything personal that is only kept, e.g. the rows of an uploaded file. `label` says what it is."""
        header = self._header
        nonce = os.urandom(_NONCE_BYTES)
        return header + nonce + self._cipher.encrypt(nonce, content, _aad(label, header))

    def open_bytes(self, label: str, ciphertext: bytes) -> bytes:
        """Decrypts what `seal_bytes` made under the same label.

        Raises:
            SealBroken: it was not sealed under this label by a key we have.
        """
        key_id, header = _key_id_of(ciphertext)
        cipher = self._ciphers.get((header[0], key_id))
        if cipher is None:
            raise SealBroken(f"no personal key {key_id!r}")
        rest = ciphertext[len(header) :]
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _aad(label, header))
        except (InvalidTag, ValueError) as fault:
            raise SealBroken("the ciphertext is damaged or of another kind") from fault

    def index(self, kind: PersonalKind, value: str | Personal) -> bytes:
        """The blind index: equal for equal values of a kind, and of no use without the key. 32 bytes."""
        text = value.reveal() if isinstance(value, Personal) else value
        return self.fingerprint(kind, normalise(kind, text).encode())

    def fingerprint(self, label: str, content: bytes) -> bytes:
        """Keyed digest of anything personal, e.g. of a request body: a plain one could be guessed by trying."""
        return hmac.digest(self._index_key, label.encode() + b"\0" + content, "sha256")

    def is_current(self, ciphertext: bytes) -> bool:
        """Whether it is sealed with the active key and cipher; if not, seal it anew when convenient.

        Raises:
            SealBroken: it is no ciphertext of ours.
        """
        return _key_id_of(ciphertext)[1] == self._header


class _Sm4Gcm:
    """SM4 (GB/T 32907) in GCM, for houses that must use national ciphers. Its 16-byte key comes from the 32 by HKDF."""

    def __init__(self, key: bytes) -> None:
        derived = HKDF(hashes.SHA256(), length=16, salt=None, info=b"hall.personal.sm4").derive(key)
        self._algorithm = algorithms.SM4(derived)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The ciphertext with its tag, as AESGCM gives it."""
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The plaintext. Raises InvalidTag or ValueError, as AESGCM does."""
        body, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(body) + decryptor.finalize()


def _header(format_: int, key_id: str) -> bytes:
    encoded = key_id.encode()
    return bytes((format_, len(encoded))) + encoded


def _key_id_of(ciphertext: bytes) -> tuple[str, bytes]:
    if len(ciphertext) < 2 or ciphertext[0] not in _FORMATS.values():
        raise SealBroken("no ciphertext of a known format")
    header = bytes(ciphertext[: 2 + ciphertext[1]])
    try:
        return header[2:].decode(), header
    except UnicodeDecodeError as fault:
        raise SealBroken("no ciphertext of a known format") from fault


def _aad(kind: str, header: bytes) -> bytes:
    return b"hall.personal\0" + kind.encode() + b"\0" + header
