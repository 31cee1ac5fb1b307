"""Accounts of agency staff: the one-time code that begins them. Pure."""

import hashlib
import secrets
import unicodedata
from datetime import timedelta

from servicekit.refusals import FieldFault, InvalidFields, Refusal

CODE_LIFE = timedelta(hours=72)
_LENGTH = 20
# Neither 0 and O nor 1, I and L: they are read out over the telephone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class OwnAccount(Refusal):
    """Somebody else has to do that, so that nobody locks everybody out."""

    code = "own_account"
    title = "不能对自己的账号办理"
    detail = "停用或重新开通自己的账号，须由其他经办管理员办理。"


class StaffClosed(Refusal):
    code = "staff_closed"
    title = "账号已停用"
    detail = "该人员账号已停用。"


class WrongOpeningCode(InvalidFields):
    """Wrong, expired, used, of another account, or there is no such account: all the same from outside."""

    code = "opening_code_wrong"
    title = "开通码不正确"

    def __init__(self) -> None:
        super().__init__([FieldFault("/code", self.code, "用户名或开通码不正确，或开通码已失效，请联系经办管理员")])


def new_code() -> str:
    """99 random bits in groups of five."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(code[start : start + 5] for start in range(0, _LENGTH, 5))


def read_code(typed: str) -> str:
    """A code as typed, without what groups it."""
    return unicodedata.normalize("NFKC", typed).upper().replace(" ", "").replace("-", "")


def digest_of(code: str) -> bytes:
    """What is stored of a code. It is random, so a plain hash can't be reversed."""
    return hashlib.sha256(read_code(code).encode(errors="replace")).digest()
