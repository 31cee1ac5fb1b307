"""Rules of 单位联系信息. Pure."""

import re
from collections.abc import Callable
from datetime import date

from contracts.values.identifiers import IdentifierFault, check_id_document, check_mobile, normalise_identifier
from servicekit.refusals import FieldFault, Refusal

_LANDLINE = re.compile(r"(0[0-9]{2,3})-?([0-9]{7,8})(-[0-9]{1,6})?")


class RepresentativeByApplication(Refusal):
    """Whose number is recorded is a matter of the registration: it changes by an application that is reviewed."""

    code = "representative_by_application"
    title = "法人证件号码不能在此修改"
    detail = "法人证件号码已登记，如需变更请办理“单位信息变更”，经审核后生效。"

    def __init__(self) -> None:
        super().__init__(pointer="/legal_representative_id")


def check_telephone(text: str) -> str:
    """A mobile number, or a landline with its area code and maybe an extension; normalised.

    Raises:
        IdentifierFault: `telephone_form`.
    """
    try:
        return check_mobile(text)
    except IdentifierFault:
        match = _LANDLINE.fullmatch(re.sub(r"[\s()（）]", "", text))
    if match is None:
        message = "请填写11位手机号码，或带区号的固定电话，如 0574-87000101"
        raise IdentifierFault("telephone_form", message)
    return f"{match[1]}-{match[2]}{match[3] or ''}"


def read_telephone(text: str | None, pointer: str, faults: list[FieldFault]) -> str | None:
    """The same for a field of a form; None where nothing was typed, or where it has a fault."""
    return _read(check_telephone, text, pointer, faults)


def read_mobile(text: str | None, pointer: str, faults: list[FieldFault]) -> str | None:
    """The same for mobile numbers alone."""
    return _read(check_mobile, text, pointer, faults)


def _read(check: Callable[[str], str], text: str | None, pointer: str, faults: list[FieldFault]) -> str | None:
    if text is None:
        return None
    try:
        return check(text)
    except IdentifierFault as fault:
        faults.append(FieldFault(pointer, fault.code, fault.message))
        return None


def read_document(
    id_type: str, text: str | None, faults: list[FieldFault], *, today: date, type_pointer: str, number_pointer: str
) -> str | None:
    """An identity number of this type, normalised; None where nothing was typed, or where it has a fault."""
    if text is None:
        return None
    try:
        return check_id_document(id_type, text, today=today).number
    except IdentifierFault as fault:
        pointer = type_pointer if fault.code == "id_type_unknown" else number_pointer
        faults.append(FieldFault(pointer, fault.code, fault.message))
        return None


def check_representative_number(recorded: str | None, typed: str | None) -> None:
    """A number that is recorded stays; one that never was may be filled in.

    Raises:
        RepresentativeByApplication: another one is recorded.
    """
    if recorded is not None and typed is not None and normalise_identifier(recorded) != normalise_identifier(typed):
        raise RepresentativeByApplication
