"""A good form, a small dictionary, and a day, for the rules' tests."""

from datetime import date
from typing import Any

from enrollment.dictionaries.rules import Dictionary

TODAY = date(2026, 3, 10)
DICTIONARY = Dictionary(
    version=1,
    tables={
        "id_types": dict.fromkeys(("01", "04", "06", "07", "08", "16", "99"), "x"),
        "sexes": {"1": "男", "2": "女"},
        "nationalities": {"01": "汉族", "56": "基诺族"},
        "household_kinds": {"11": "本地非农业(城镇)"},
        "marital_statuses": {"20": "已婚"},
        "education_levels": {"20": "本科"},
        "addition_reasons": {"01": "新参保", "05": "灵活转职工"},
        "employment_forms": {"1": "劳动合同制"},
        "personal_identities": {"2": "干部"},
        "removal_reasons": dict.fromkeys(("01", "02", "03", "04", "05", "06", "07", "08", "09"), "x"),
        "person_categories": {"1101": "职工在职", "1103": "灵活就业在职", "1201": "退休"},
    },
)


def person(**changes: Any) -> dict[str, str | None]:
    """A good 人员基础信息, changed."""
    return {
        "id_type": "01",
        "id_number": "330203199003071232",
        "name": "王小明",
        "sex": "1",
        "birth_date": "1990-03-07",
        "nationality": "01",
        "household_kind": "11",
        "mobile": "13800571234",
        "contact_address": "宁波市海曙区示范路1号",
    } | changes


def insurance(**changes: Any) -> dict[str, str | None]:
    """A good 人员参保信息, changed."""
    return {
        "start_month": "2026-03",
        "reason": "01",
        "employment_form": "1",
        "personal_identity": "2",
        "person_category": "1101",
        "monthly_wage": "8500.00",
    } | changes


def removal(**changes: Any) -> dict[str, str | None]:
    """A good 减员, changed."""
    return {"reason": "01", "stop_month": "2026-03"} | changes
