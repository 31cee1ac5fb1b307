"""增员 rules. Pure: no session, no clock, no HTTP. The caller passes in all that a rule needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.values.month import Month
from enrollment.coverage.rules import Presence
from enrollment.dictionaries.rules import Dictionary
from enrollment.fields import FieldReader
from enrollment.people.rules import YOUNGEST_WORKER, PersonFacts, read_person, years_after
from servicekit.refusals import FieldFault

# Addition reasons (增员原因).
NEW, TRANSFERRED, CONTINUED, FROM_RESIDENT, FROM_FLEXIBLE = "01", "02", "03", "04", "05"
_FLEXIBLE_CATEGORY = "1103"
_MAY_BE_BLANK = (
    "household_region",
    "household_address",
    "marital_status",
    "education_level",
    "work_start_date",
    "email",
    "postal_code",
)


@dataclass(frozen=True)
class InsuranceFacts:
    """The checked 人员参保信息 of a declaration."""

    start_month: Month
    reason: str
    employment_form: str
    personal_identity: str
    person_category: str
    monthly_wage: Decimal
    contract_start: date | None
    contract_end: date | None
    position: str | None = field(repr=False)
    remark: str | None = field(repr=False)


@dataclass(frozen=True)
class Declared:
    """A checked declaration of one new employee."""

    person: PersonFacts
    insurance: InsuranceFacts


def open_months(current: Month) -> tuple[Month, Month]:
    """The months in which a new coverage may start: this one, or one in advance (rule 1)."""
    return current, current.next()


def read_addition(
    person: Mapping[str, str | None],
    insurance: Mapping[str, str | None],
    *,
    today: date,
    dictionary: Dictionary,
) -> tuple[Declared | None, list[FieldFault]]:
    """Reads the whole 增员 form: the checked declaration, or the faults of both modules together."""
    facts, person_faults = read_person(person, pointer="/person", today=today, dictionary=dictionary)
    cover, insurance_faults = read_insurance(insurance, pointer="/insurance", today=today, dictionary=dictionary)
    faults = [*person_faults, *insurance_faults]
    if facts is not None and cover is not None:
        if cover.start_month.last_day() < years_after(facts.birth_date, YOUNGEST_WORKER):
            faults.append(FieldFault("/person/birth_date", "too_young", "该人员在参保月份未满16周岁，不能作为职工参保"))
        else:
            return Declared(facts, cover), []
    return None, faults


def settled(declared: Declared) -> dict[str, dict[str, str]]:
    """A checked declaration as the texts of the form's modules again, each value in its one form; blanks left out."""
    modules = {"person": vars(declared.person), "insurance": vars(declared.insurance)}
    return {
        module: {name: str(value) for name, value in facts.items() if value is not None}
        for module, facts in modules.items()
    }


def of_settled(person: Mapping[str, str | None], insurance: Mapping[str, str | None]) -> Declared:
    """What `settled` was made of. Checks nothing: for texts that the same rules found good under the same arguments."""
    facts: dict[str, Any] = {**dict.fromkeys(_MAY_BE_BLANK), **person}
    for day in ("birth_date", "work_start_date"):
        facts[day] = _day(facts[day])
    cover: dict[str, Any] = {**dict.fromkeys(("contract_start", "contract_end", "position", "remark")), **insurance}
    for day in ("contract_start", "contract_end"):
        cover[day] = _day(cover[day])
    cover["start_month"], cover["monthly_wage"] = Month.parse(cover["start_month"]), Decimal(cover["monthly_wage"])
    return Declared(PersonFacts(**facts), InsuranceFacts(**cover))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def read_insurance(
    fields: Mapping[str, str | None], *, pointer: str, today: date, dictionary: Dictionary
) -> tuple[InsuranceFacts | None, list[FieldFault]]:
    """Reads 人员参保信息: the checked facts, or every fault at its field."""
    reader = FieldReader(fields, pointer, dictionary)
    start_month = _read_start_month(reader, current=Month.of(today))
    reason = reader.code("reason", "增员原因", "addition_reasons", required=True)
    employment_form = reader.code("employment_form", "用工形式", "employment_forms", required=True)
    personal_identity = reader.code("personal_identity", "个人身份", "personal_identities", required=True)
    person_category = reader.code("person_category", "人员类别", "person_categories", required=True)
    if person_category == _FLEXIBLE_CATEGORY:
        reader.fault("person_category", "not_an_employee", "灵活就业人员由本人参保，单位增员请选择在职类别")
    monthly_wage = reader.money("monthly_wage", "月缴费工资", required=True)
    contract_start = reader.day("contract_start", "合同开始日期")
    contract_end = reader.day("contract_end", "合同终止日期")
    if contract_start is not None and contract_end is not None and contract_end < contract_start:
        reader.fault("contract_end", "contract_ends_before_start", "合同终止日期不能早于合同开始日期")
    elif contract_end is not None and start_month is not None and contract_end < start_month.first_day():
        reader.fault("contract_end", "contract_ended", "合同终止日期早于参保月份，请核对合同")
    position = reader.text("position", "岗位/职务", longest=50)
    remark = reader.text("remark", "备注", longest=500)
    if (
        reader.faults
        or start_month is None
        or reason is None
        or employment_form is None
        or personal_identity is None
        or person_category is None
        or monthly_wage is None
    ):
        return None, reader.faults
    return InsuranceFacts(
        start_month=start_month,
        reason=reason,
        employment_form=employment_form,
        personal_identity=personal_identity,
        person_category=person_category,
        monthly_wage=monthly_wage,
        contract_start=contract_start,
        contract_end=contract_end,
        position=position,
        remark=remark,
    ), []


def _read_start_month(reader: FieldReader, *, current: Month) -> Month | None:
    month = reader.month("start_month", "参保月份", required=True)
    if month is None:
        return None
    this, following = open_months(current)
    if month not in (this, following):
        reader.fault(
            "start_month",
            "start_month_not_open",
            f"参保月份只能是本月（{this}）或下月（{following}）",
        )
        return None
    return month


def suggested_reason(present: Presence, *, known: bool) -> str | None:
    """The addition reason that fits what is known of the person; None when they can't be declared."""
    return {
        "none": CONTINUED if known else NEW,
        "resident": FROM_RESIDENT,
        "flexible": FROM_FLEXIBLE,
    }.get(present)


def outlook(present: Presence, *, known: bool, current: Month) -> str:
    """What a declaration would lead to, said before anything is submitted."""
    match present:
        case "this_unit":
            return "该人员已在本单位参保，无需增员。"
        case "other_unit":
            return "该人员已在其他单位参加职工医保，请其先在原单位办理减员后再申报。"
        case "resident":
            return (
                "该人员目前参加城乡居民医保。审核通过后，居民医保自参保月份起自动停保，"
                f"参保月份为 {current} 的，当月即享受职工待遇。"
            )
        case "flexible":
            return (
                "该人员目前以灵活就业身份参保。审核通过后，灵活就业参保自参保月份起自动停保，"
                f"参保月份为 {current} 的，当月即享受职工待遇，当月费用不重复缴纳。"
            )
        case "none" if known:
            return "该人员曾经参保、目前未参保，可办理续保。"
        case _:
            return "该人员尚未参保，可办理新参保。"
