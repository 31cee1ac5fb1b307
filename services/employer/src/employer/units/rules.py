"""Rules of insured units. Pure."""

from contracts.values.identifiers import (
    IdentifierFault,
    check_unit_number,
    check_uscc,
    may_be_virtual_code,
    normalise_identifier,
)
from contracts.values.month import Month
from servicekit.refusals import FieldFault, InvalidFields, Refusal

VIRTUAL_KIND = "99"
"""虚拟单位: its code is the register's own and fails the USCC check on purpose."""


class EmployerNoTaken(Refusal):
    """Two units can't have one number."""

    code = "employer_no_taken"
    title = "单位编号已存在"

    def __init__(self, employer_no: str) -> None:
        super().__init__(f"单位编号 {employer_no} 已存在，请核对。", pointer="/employer_no")


class KindUnknown(Refusal):
    """The kind of employer is not in the agency's table."""

    code = "employer_kind_unknown"
    title = "单位类型不存在"

    def __init__(self, kind: str) -> None:
        super().__init__(f"单位类型 {kind} 不在代码表中。", pointer="/kind")


def checked_identity(employer_no: str, uscc: str, *, kind: str) -> tuple[str, str]:
    """Unit number and credit code, normalised. A virtual unit's code has a form only, and must not pass as a USCC.

    Raises:
        InvalidFields: with every faulty field.
    """
    faults: list[FieldFault] = []
    try:
        employer_no = check_unit_number(employer_no)
    except IdentifierFault as fault:
        faults.append(FieldFault("/employer_no", fault.code, fault.message))
    try:
        uscc = _virtual_code(uscc) if kind == VIRTUAL_KIND else check_uscc(uscc)
    except IdentifierFault as fault:
        faults.append(FieldFault("/uscc", fault.code, fault.message))
    if faults:
        raise InvalidFields(faults)
    return employer_no, uscc


def _virtual_code(text: str) -> str:
    try:
        code = check_uscc(text)
    except IdentifierFault:
        if not may_be_virtual_code(text):
            raise IdentifierFault("virtual_code_form", "虚拟单位代码应为6至18位数字或大写字母") from None
        return normalise_identifier(text)
    raise IdentifierFault("virtual_code_is_uscc", f"虚拟单位代码不能是有效的统一社会信用代码 {code}")


def grams(text: str) -> list[str]:
    """The one- and two-character pieces of a text, for searching Chinese by any part of it."""
    text = "".join(text.split()).casefold()
    return sorted({*text, *(text[at : at + 2] for at in range(len(text) - 1))})


def query_grams(text: str) -> list[str]:
    """The pieces a name must have to contain this text: pairs, or the one character."""
    text = "".join(text.split()).casefold()
    return [text] if len(text) == 1 else sorted({text[at : at + 2] for at in range(len(text) - 1)})


_MONTHS_BACK = 24


class BilledFromOutOfReach(Refusal):
    """Billing begins within two years back and next month; further back the ledger would have to be taken over."""

    code = "billed_from_out_of_reach"
    title = "核定起始月超出范围"

    def __init__(self, month: Month, first: Month, last: Month) -> None:
        super().__init__(f"核定起始月 {month} 应在 {first} 至 {last} 之间。", pointer="/billed_from")


def check_billed_from(month: Month, *, current: Month) -> None:
    """The first month a unit is billed for.

    Raises:
        BilledFromOutOfReach: more than 24 months back or later than next month.
    """
    first, last = current.plus(-_MONTHS_BACK), current.next()
    if not first <= month <= last:
        raise BilledFromOutOfReach(month, first, last)
