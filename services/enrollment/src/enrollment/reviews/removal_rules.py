"""What a reviewer should know of a removal before deciding. Pure."""

from datetime import date

from contracts.values.month import Month
from enrollment.coverage.rules import DEATH, RETIREMENT
from enrollment.people.rules import years_after
from enrollment.removals.rules import RemovalFacts, stop_month_of
from enrollment.reviews.rules import Finding
from servicekit.refusals import Refusal

# The lowest ages at which the statutory rules and their exceptions (special kinds of work) let somebody retire. A hint,
# never a refusal.
_EARLIEST_RETIREMENT = {"1": 55, "2": 45}


def findings_of_removal(
    declared: RemovalFacts | None, *, sex: str, birth_date: date, refusal: Refusal | None, current: Month
) -> list[Finding]:
    """The findings of an inspected removal; one that can't even be read any more has just the one."""
    if declared is None:
        return [Finding(refusal.code, "refusal", refusal.detail)] if refusal is not None else []
    found = [Finding("fields", "ok", "表单各项检查通过")]
    if refusal is None:
        found.append(Finding("rules", "ok", "该人员目前在本单位参保，可以停保"))
    else:
        found.append(Finding(refusal.code, "refusal", refusal.detail))
    stop = stop_month_of(declared)
    if declared.reason == DEATH and stop < current:
        found.append(Finding("death_told_late", "warning", f"死亡在 {stop}，该月起已核定的费用将冲减，请核对证明材料"))
    elif stop < current:
        found.append(Finding("late_review", "warning", f"停保月份 {stop} 已过，该月起已核定的费用将冲减"))
    if declared.reason == DEATH:
        found.append(Finding("death", "warning", "停保原因为死亡，通过后该人员不能再参保，请核对死亡证明"))
    if declared.reason == RETIREMENT:
        found.append(Finding("retirement", "warning", "通过后该人员转为退休人员，不缴费并继续享受待遇，请核对退休审批"))
        age = _EARLIEST_RETIREMENT.get(sex)
        if age is not None and declared.event_date is not None and years_after(birth_date, age) > declared.event_date:
            found.append(Finding("retirement_age_low", "warning", f"退休时未满{age}周岁，请核对"))
    return found
