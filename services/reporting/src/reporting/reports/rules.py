"""Rules of asking for a report, and of how long things last. Pure."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from contracts.values.month import Month
from servicekit.refusals import FieldFault, InvalidFields

MAX_MONTHS = 120
FIRST_MONTH = Month(1990, 1)
"""Nobody was insured with an employer before: an earlier month is a slip of the finger, and employer refuses it."""
VALIDITY_MONTHS = 3
"""How long a certificate holds (domain.md §6)."""


def check_range(first: Month, last: Month, *, current: Month) -> None:
    """The contribution months of a report: in order, not before the scheme nor in the future, ten years at most.

    Raises:
        InvalidFields: with the field each fault belongs to.
    """
    faults = []
    for pointer, month, name in (("/from_month", first, "起始月份"), ("/to_month", last, "截止月份")):
        if month > current:
            faults.append(FieldFault(pointer, "month_in_future", f"{name}不能晚于本月（{current}）"))
        elif month < FIRST_MONTH:
            faults.append(FieldFault(pointer, "month_too_early", f"{name}不能早于 {FIRST_MONTH}"))
    if faults:
        raise InvalidFields(faults)
    if first > last:
        faults.append(FieldFault("/from_month", "range_reversed", "起始月份不能晚于截止月份"))
    elif first.months_until(last) >= MAX_MONTHS:
        faults.append(FieldFault("/from_month", "range_too_long", f"一次最多打印 {MAX_MONTHS} 个月"))
    if faults:
        raise InvalidFields(faults)


# What each kind must have and what else it takes, beside its months.
_NEEDED: Mapping[str, tuple[Collection[str], Collection[str]]] = {
    "insurance_certificate": (("person_id",), ()),
    "insurance_certificates": (("person_ids",), ("packing",)),
    "employer_certificate": ((), ()),
    "contribution_list": ((), ("person_id", "full_numbers")),
    "roster_list": ((), ("roster", "full_numbers")),
    "person_contributions": (("person_id",), ()),
    "employer_contributions": ((), ("insurance",)),
    "roster": ((), ("roster", "full_numbers")),
    "applications": (("applications",), ("full_numbers",)),
}
_OF_MONTHS = ("from_month", "to_month")


def check_fields(kind: str, given: Collection[str], *, months: bool) -> None:
    """Whether a request has what its kind needs and nothing that it doesn't know. `given`: the fields with a value.

    Raises:
        InvalidFields: with every field that is missing or out of place.
    """
    needed, optional = _NEEDED[kind]
    must = {*needed, *(_OF_MONTHS if months else ())}
    faults = [FieldFault(f"/{name}", "field_required", "请填写此项") for name in sorted(must - set(given))]
    others = sorted(set(given) - must - set(optional))
    faults += [FieldFault(f"/{name}", "field_out_of_place", "此种报表没有这一项") for name in others]
    if faults:
        raise InvalidFields(faults)


def valid_until(issued_on: date) -> date:
    """The last day a document issued on a day holds: the same day three months on, or that month's last."""
    month = Month.of(issued_on).plus(VALIDITY_MONTHS)
    return month.first_day() + timedelta(days=min(issued_on.day, month.last_day().day) - 1)


def expires_at(created_at: datetime, days: int) -> datetime:
    """When a report leaves the report centre."""
    return created_at + timedelta(days=days)


def document_number(issued_on: date, running: int) -> str:
    """A document's number: the day and at least eight digits, readable over the telephone."""
    return f"{issued_on:%Y%m%d}{running:08d}"
