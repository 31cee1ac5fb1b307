"""Conditions of a list: as the owning service wants them, and in words for whoever reads the list."""

from typing import Any

from reporting.reports.schemas import ApplicationConditions, RosterConditions
from servicekit.personal import REVEAL

STATUSES = {"0": "未开始", "1": "正常参保", "2": "暂停参保", "4": "终止参保"}
KINDS = {
    "addition": "增员申报",
    "removal": "减员申报",
    "person_change": "人员信息变更",
    "employer_change": "单位信息变更",
}
OUTCOMES = {"pending": "待审核", "approved": "审核通过", "rejected": "审核未通过", "withdrawn": "已撤销"}


def asked(conditions: RosterConditions | ApplicationConditions | None) -> dict[str, Any]:
    """As they are sent on, in full: the owning service looks with them."""
    if conditions is None:
        return {}
    return conditions.model_dump(mode="json", exclude_none=True, context=dict(REVEAL))


def in_words(conditions: RosterConditions | ApplicationConditions | None) -> str:
    """What was asked for; identity numbers masked. Empty for all."""
    if conditions is None:
        return ""
    words = []
    for name, field in type(conditions).model_fields.items():
        value = getattr(conditions, name)
        if value is None or name == "state":
            continue
        if name == "id_number":
            value = value.masked()
        elif name == "status":
            value = STATUSES.get(value) or OUTCOMES.get(value, value)
        elif name == "kind":
            value = KINDS.get(value, value)
        words.append(f"{field.title} {value}")
    return "，".join(words)
