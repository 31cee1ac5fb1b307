"""Rules of the personal part of a declaration (人员基础信息). Pure: today and the code tables come in as arguments."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from contracts.values.identifiers import IdDocument, IdentifierFault, check_id_document, check_mobile, check_resident_id
from enrollment.dictionaries.rules import Dictionary
from enrollment.fields import FieldReader
from enrollment.names import is_name, normalise_name
from servicekit.refusals import FieldFault, Refusal

YOUNGEST_WORKER = 16
_EMAIL = r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63})+"
# Area code and number, with or without dashes and an extension: 0574-87000101, 057487000101, 87000101-8001.
_LANDLINE = r"(?:0[0-9]{2,3}-?)?[0-9]{7,8}(?:-[0-9]{1,6})?"
# Document types (证件类型) that the form of a number tells apart.
_RESIDENT_ID, _HOME_RETURN, _PERMANENT_RESIDENT, _PASSPORT, _RESIDENCE_PERMIT, _OTHER = (
    "01",
    "04",
    "07",
    "08",
    "16",
    "99",
)
_NAMED = {
    _RESIDENT_ID: "居民身份证",
    _HOME_RETURN: "港澳居民来往内地通行证",
    _PERMANENT_RESIDENT: "外国人永久居留证",
    _RESIDENCE_PERMIT: "港澳台居民居住证",
}
_PERMIT_REGIONS = ("810000", "820000", "830000")


class NameDiffers(Refusal):
    code = "name_differs"
    title = "姓名与登记不一致"


@dataclass(frozen=True)
class PersonFacts:
    """The checked personal part of a declaration. Its repr shows nothing personal."""

    id_type: str
    id_number: str = field(repr=False)
    name: str = field(repr=False)
    sex: str
    birth_date: date = field(repr=False)
    nationality: str
    household_kind: str
    household_region: str | None
    household_address: str | None = field(repr=False)
    marital_status: str | None
    education_level: str | None
    work_start_date: date | None
    mobile: str = field(repr=False)
    email: str | None = field(repr=False)
    contact_address: str = field(repr=False)
    postal_code: str | None


@dataclass(frozen=True)
class ContactFacts:
    """The checked 户籍与联系信息 of 参保人员信息维护. Its repr shows nothing personal."""

    household_kind: str
    household_region: str | None
    household_address: str | None = field(repr=False)
    contact_address: str = field(repr=False)
    mobile: str | None = field(repr=False)
    """None: it stays as it is. The page never has the full number, so it can't send it back."""
    landline: str | None = field(repr=False)
    email: str | None = field(repr=False)
    postal_code: str | None
    marital_status: str | None
    education_level: str | None


TITLES: Mapping[str, tuple[str, str | None]] = {
    "nationality": ("民族", "nationalities"),
    "household_kind": ("户口性质", "household_kinds"),
    "household_region": ("户籍所在地区", "regions"),
    "household_address": ("户籍详细地址", None),
    "contact_address": ("联系地址", None),
    "mobile": ("手机号码", None),
    "landline": ("固定电话", None),
    "email": ("电子邮箱", None),
    "postal_code": ("邮政编码", None),
    "marital_status": ("婚姻状况", "marital_statuses"),
    "education_level": ("学历", "education_levels"),
    "work_start_date": ("参加工作日期", None),
}
"""What can change of a person without the agency's counter: its Chinese title and code table."""


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 1 March for a 29 February that the later year lacks."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def check_document(id_type: str, text: str, *, today: date) -> IdDocument:
    """Checks an identity number against its document type, and that the type is the right one for the number.

    Raises:
        IdentifierFault: with a Chinese message for whoever typed it.
    """
    document = check_id_document(id_type, text, today=today)
    told = _type_told_by(document, today=today)
    if told is not None and told != id_type:
        # Otherwise one person could be declared twice, under two document types.
        raise IdentifierFault("id_type_mismatch", f"这是{_NAMED[told]}号码，证件类型请选择“{_NAMED[told]}”")
    return document


def _type_told_by(document: IdDocument, *, today: date) -> str | None:
    """The one document type that a number can belong to, where its form leaves no doubt; None where it does.

    An 18-character number tells its type by its first digits. A passport may look like a home-return permit (H or M and
    8 digits), but nothing that is neither looks like one by chance.
    """
    id_type, number = document.id_type, document.number
    # What was just checked as a number of that form isn't checked again.
    if id_type in (_RESIDENT_ID, _RESIDENCE_PERMIT) or _has_resident_form(number, today=today):
        if number.startswith("9"):
            return _PERMANENT_RESIDENT
        return _RESIDENCE_PERMIT if number.startswith(_PERMIT_REGIONS) else _RESIDENT_ID
    if id_type in (_PASSPORT, _OTHER) and re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return _PERMANENT_RESIDENT
    if id_type == _OTHER and re.fullmatch(r"[HM][0-9]{8}", number):
        return _HOME_RETURN
    return None


def _has_resident_form(number: str, *, today: date) -> bool:
    try:
        check_resident_id(number, today=today)
    except IdentifierFault:
        return False
    return True


def read_person(
    fields: Mapping[str, str | None], *, pointer: str, today: date, dictionary: Dictionary
) -> tuple[PersonFacts | None, list[FieldFault]]:
    """Reads 人员基础信息: the checked facts, or every fault at its field."""
    reader = FieldReader(fields, pointer, dictionary)
    document = _read_document(reader, today=today)
    name = _read_name(reader)
    sex = reader.code("sex", "性别", "sexes", required=True)
    birth_date = reader.day("birth_date", "出生日期", required=True)
    _check_against_document(reader, document, sex, birth_date, today=today)
    nationality = reader.code("nationality", "民族", "nationalities", required=True)
    household_kind = reader.code("household_kind", "户口性质", "household_kinds", required=True)
    household_region = _read_region(reader)
    household_address = reader.text("household_address", "户籍地址")
    marital_status = reader.code("marital_status", "婚姻状况", "marital_statuses")
    education_level = reader.code("education_level", "学历", "education_levels")
    work_start_date = _read_work_start(reader, birth_date, today=today)
    mobile = _read_mobile(reader, required=True)
    email = _read_email(reader)
    contact_address = reader.text("contact_address", "联系地址", required=True)
    postal_code = _read_postal_code(reader)
    if (
        reader.faults
        or document is None
        or name is None
        or sex is None
        or birth_date is None
        or nationality is None
        or household_kind is None
        or mobile is None
        or contact_address is None
    ):
        return None, reader.faults
    return PersonFacts(
        id_type=document.id_type,
        id_number=document.number,
        name=name,
        sex=sex,
        birth_date=birth_date,
        nationality=nationality,
        household_kind=household_kind,
        household_region=household_region,
        household_address=household_address,
        marital_status=marital_status,
        education_level=education_level,
        work_start_date=work_start_date,
        mobile=mobile,
        email=email,
        contact_address=contact_address,
        postal_code=postal_code,
    ), []


def read_contact(
    fields: Mapping[str, str | None], *, pointer: str, dictionary: Dictionary
) -> tuple[ContactFacts | None, list[FieldFault]]:
    """Reads 户籍与联系信息: the checked facts, or every fault at its field. A blank mobile stays as it is."""
    reader = FieldReader(fields, pointer, dictionary)
    household_kind = reader.code("household_kind", "户口性质", "household_kinds", required=True)
    household_region = _read_region(reader)
    household_address = reader.text("household_address", "户籍地址")
    contact_address = reader.text("contact_address", "联系地址", required=True)
    mobile = _read_mobile(reader, required=False)
    landline = reader.matching("landline", "固定电话", _LANDLINE, "固定电话应为区号加号码，如 0574-87000101")
    email = _read_email(reader)
    postal_code = _read_postal_code(reader)
    marital_status = reader.code("marital_status", "婚姻状况", "marital_statuses")
    education_level = reader.code("education_level", "学历", "education_levels")
    if reader.faults or household_kind is None or contact_address is None:
        return None, reader.faults
    return ContactFacts(
        household_kind=household_kind,
        household_region=household_region,
        household_address=household_address,
        contact_address=contact_address,
        mobile=mobile,
        landline=landline,
        email=email,
        postal_code=postal_code,
        marital_status=marital_status,
        education_level=education_level,
    ), []


def _read_region(reader: FieldReader) -> str | None:
    return reader.matching("household_region", "户籍地区划", r"[0-9]{6}", "户籍地区划应为6位行政区划代码")


def _read_email(reader: FieldReader) -> str | None:
    return reader.matching("email", "电子邮箱", _EMAIL, "电子邮箱格式不正确，如 name@example.com")


def _read_postal_code(reader: FieldReader) -> str | None:
    return reader.matching("postal_code", "邮政编码", r"[0-9]{6}", "邮政编码应为6位数字")


def read_identity(
    fields: Mapping[str, str | None], *, pointer: str, today: date, dictionary: Dictionary
) -> list[FieldFault]:
    """The faults of the fields by which a sheet names somebody whom the unit already has: 证件类型, 证件号码, 姓名."""
    reader = FieldReader(fields, pointer, dictionary)
    _read_document(reader, today=today)
    _read_name(reader)
    return reader.faults


def _read_document(reader: FieldReader, *, today: date) -> IdDocument | None:
    id_type = reader.code("id_type", "证件类型", "id_types", required=True)
    number = reader.text("id_number", "证件号码", required=True, longest=60)
    if id_type is None or number is None:
        return None
    try:
        return check_document(id_type, number, today=today)
    except IdentifierFault as fault:
        at = "id_type" if fault.code in ("id_type_mismatch", "id_type_unknown") else "id_number"
        reader.fault(at, fault.code, fault.message)
        return None


def _read_name(reader: FieldReader) -> str | None:
    text = reader.text("name", "姓名", required=True, longest=100)
    if text is None:
        return None
    name = normalise_name(text)
    if not is_name(name):
        reader.fault("name", "name_form", "姓名应为2至50个汉字或字母，间隔号用“·”，不含数字和其他符号")
        return None
    return name


def _check_against_document(
    reader: FieldReader, document: IdDocument | None, sex: str | None, birth_date: date | None, *, today: date
) -> None:
    if birth_date is not None and birth_date > today:
        reader.fault("birth_date", "birth_date_in_future", "出生日期不能晚于今天")
    elif document is not None and document.birth_date is not None and birth_date not in (None, document.birth_date):
        reader.fault("birth_date", "birth_date_differs", "出生日期与证件号码不一致")
    if document is not None and document.sex is not None and sex not in (None, document.sex):
        reader.fault("sex", "sex_differs", "性别与证件号码不一致")


def _read_work_start(reader: FieldReader, birth_date: date | None, *, today: date) -> date | None:
    day = reader.day("work_start_date", "参加工作日期")
    if day is None:
        return None
    if day > today:
        reader.fault("work_start_date", "work_start_in_future", "参加工作日期不能晚于今天")
    elif birth_date is not None and day < years_after(birth_date, YOUNGEST_WORKER):
        reader.fault("work_start_date", "work_start_too_young", "参加工作日期应在年满16周岁之后")
    return day


def _read_mobile(reader: FieldReader, *, required: bool) -> str | None:
    text = reader.text("mobile", "手机号码", required=required, longest=40)
    if text is None:
        return None
    try:
        return check_mobile(text)
    except IdentifierFault as fault:
        reader.fault("mobile", fault.code, fault.message)
        return None
