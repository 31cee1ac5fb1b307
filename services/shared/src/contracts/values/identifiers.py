"""Identifiers of people and employers: normalising what was typed, checking it, saying what is wrong in Chinese.

Sources: GB 11643-1999 (resident ID), GB 32100-2015 (unified social credit code); the forms of the other documents are
common practice of such halls (domain.md §1). Check digits come from python-stdnum; its verdict on resident IDs is not
used, since it ties the region to the birth year and so refuses real people: regions are only a hint.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum.cn import uscc as stdnum_uscc
from stdnum.iso7064 import mod_11_2

OLDEST_AGE = 130
Sex = Literal["1", "2"]

_USCC_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_VIRTUAL_CODE_FORM = re.compile(r"[0-9A-Z]{6,18}")
_RESIDENT_FORM = re.compile(r"[0-9]{17}[0-9X]")
_MOBILE_FORM = re.compile(r"1[3-9][0-9]{9}")
_UNIT_NUMBER_FORM = re.compile(r"330200[0-9]{1,14}")
_SPACES_AND_DASHES = re.compile(r"[\s\-\u2010-\u2015]+")


class IdentifierFault(ValueError):
    """An identifier that can't be right. `code` is stable, `message` is for the person who typed it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A checked 18-character identity number and what it says. `region` is the one at issue, a hint only."""

    number: str
    birth_date: date
    sex: Sex
    region: str

    def __repr__(self) -> str:  # an identity number must not reach a log through a stray repr
        return "ResidentId(***)"


@dataclass(frozen=True, slots=True)
class IdDocument:
    """A checked identity document of any type. Birth date and sex are known for 18-character numbers only."""

    id_type: str
    number: str
    birth_date: date | None
    sex: Sex | None

    def __repr__(self) -> str:
        return f"IdDocument(id_type={self.id_type!r}, ***)"


def normalise_identifier(text: str) -> str:
    """Full-width characters to plain ones, spaces and dashes out, letters to upper case."""
    return _SPACES_AND_DASHES.sub("", unicodedata.normalize("NFKC", text)).upper()


def check_resident_id(text: str, *, today: date) -> ResidentId:
    """Checks an 18-character resident identity number (GB 11643-1999) or a number of the same form.

    Raises:
        IdentifierFault: `id_number_old`, `id_number_length`, `id_number_form`, `id_number_date`, `id_number_age`
            or `id_number_check_digit`.
    """
    number = normalise_identifier(text)
    if len(number) == 15 and number.isdecimal():
        raise IdentifierFault("id_number_old", "这是15位旧证件号码，请使用18位号码")
    if len(number) != 18:
        raise IdentifierFault("id_number_length", f"证件号码应为18位，当前为{len(number)}位")
    if not _RESIDENT_FORM.fullmatch(number):
        raise IdentifierFault("id_number_form", "证件号码应为17位数字加1位数字或X")
    birth_date = _birth_date(number[6:14], today=today)
    _check_last_character(number)
    return ResidentId(number, birth_date, "1" if int(number[16]) % 2 else "2", number[:6])


def _birth_date(digits: str, *, today: date) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as fault:
        raise IdentifierFault("id_number_date", f"证件号码中的出生日期 {digits} 不存在") from fault
    if born > today:
        raise IdentifierFault("id_number_date", "证件号码中的出生日期晚于今天")
    if today.year - born.year - ((today.month, today.day) < (born.month, born.day)) > OLDEST_AGE:
        raise IdentifierFault("id_number_age", f"证件号码中的出生日期 {digits} 距今超过{OLDEST_AGE}年")
    return born


def _check_last_character(number: str) -> None:
    expected = mod_11_2.calc_check_digit(number[:17])
    if number[17] != expected:
        raise IdentifierFault("id_number_check_digit", f"证件号码校验位不正确，末位应为 {expected}")


def _residence_permit(number: str, *, today: date) -> ResidentId:
    checked = check_resident_id(number, today=today)
    if checked.region not in ("810000", "820000", "830000"):
        raise IdentifierFault("residence_permit_region", "港澳台居民居住证号码应以 810000、820000 或 830000 开头")
    return checked


def _permanent_resident_card(number: str, *, today: date) -> IdDocument:
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):  # the old card
        return IdDocument("07", number, None, None)
    if not (_RESIDENT_FORM.fullmatch(number) and number.startswith("9")):
        raise IdentifierFault("permanent_resident_card_form", "永久居留证号码应为9开头的18位号码，或3位字母加12位数字")
    born = _birth_date(number[6:14], today=today)
    _check_last_character(number)
    return IdDocument("07", number, born, "1" if int(number[16]) % 2 else "2")


_FORM_ONLY: dict[str, tuple[re.Pattern[str], str]] = {
    "04": (re.compile(r"[HM][0-9]{8}"), "港澳居民来往内地通行证号码应为 H 或 M 加8位数字"),
    "06": (re.compile(r"[0-9]{8}"), "台湾居民来往大陆通行证号码应为8位数字"),
    "08": (re.compile(r"[A-Z0-9]{5,20}"), "护照号码应为5至20位字母或数字"),
    "99": (re.compile(r"[A-Z0-9]{3,30}"), "证件号码应为3至30位字母或数字"),
}
_BORN_IN_NUMBER: dict[str, Callable[..., ResidentId]] = {"01": check_resident_id, "16": _residence_permit}
ID_TYPES = frozenset({*_BORN_IN_NUMBER, *_FORM_ONLY, "07"})


def check_id_document(id_type: str, text: str, *, today: date) -> IdDocument:
    """Checks a number against its document type (证件类型 code of the dictionaries).

    Raises:
        IdentifierFault: `id_type_unknown`, `id_number_form`, or any of `check_resident_id`.
    """
    number = normalise_identifier(text)
    if check := _BORN_IN_NUMBER.get(id_type):
        person = check(number, today=today)
        return IdDocument(id_type, person.number, person.birth_date, person.sex)
    if id_type == "07":
        return _permanent_resident_card(number, today=today)
    if id_type not in _FORM_ONLY:
        raise IdentifierFault("id_type_unknown", "证件类型不在代码表中")
    form, message = _FORM_ONLY[id_type]
    if not form.fullmatch(number):
        raise IdentifierFault("id_number_form", message)
    return IdDocument(id_type, number, None, None)


def check_uscc(text: str) -> str:
    """Checks a unified social credit code (GB 32100-2015); returns it normalised.

    Codes of virtual units (虚拟单位) fail here on purpose: whoever accepts those asks the register.

    Raises:
        IdentifierFault: `uscc_length`, `uscc_form` or `uscc_check_digit`.
    """
    code = normalise_identifier(text)
    if len(code) != 18:
        raise IdentifierFault("uscc_length", f"统一社会信用代码应为18位，当前为{len(code)}位")
    if not _USCC_FORM.fullmatch(code):
        raise IdentifierFault("uscc_form", "统一社会信用代码只含数字和大写字母（不含 I、O、S、V、Z），第3至8位为数字")
    expected = stdnum_uscc.calc_check_digit(code[:17])
    if code[17] != expected:
        raise IdentifierFault("uscc_check_digit", f"统一社会信用代码校验位不正确，末位应为 {expected}")
    return code


def may_be_virtual_code(text: str) -> bool:
    """Whether a text has the form of a register's virtual code; only the register knows whether it is one."""
    return bool(_VIRTUAL_CODE_FORM.fullmatch(normalise_identifier(text)))


def check_unit_number(text: str) -> str:
    """Checks the form of a unit number (单位编号): 330200 and up to 14 digits.

    Raises:
        IdentifierFault: `unit_number_form`.
    """
    number = normalise_identifier(text)
    if not _UNIT_NUMBER_FORM.fullmatch(number):
        raise IdentifierFault("unit_number_form", "单位编号应为330200开头的数字，最长20位")
    return number


def check_mobile(text: str) -> str:
    """Checks a mainland mobile number; a leading +86 is dropped.

    Raises:
        IdentifierFault: `mobile_form`.
    """
    number = normalise_identifier(text).removeprefix("+86")
    if not _MOBILE_FORM.fullmatch(number):
        raise IdentifierFault("mobile_form", "手机号码应为1开头的11位数字")
    return number
