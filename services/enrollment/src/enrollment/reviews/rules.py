"""Rules of the review desk: who may decide, which reasons are needed, what the automatic checks say. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from contracts.values.month import Month
from enrollment.additions.rules import FROM_FLEXIBLE, FROM_RESIDENT, Declared
from enrollment.applications.rules import LEVELS, Level
from enrollment.coverage.rules import RETIRED, Presence
from enrollment.people.rules import years_after
from servicekit.refusals import Refusal

# From here on a reviewer looks whether the person still works: the highest and the lowest statutory retirement ages
# that the gradual postponement since 2025 leads to, rounded down. A hint, never a refusal.
_RETIREMENT_AGE = {"1": 60, "2": 50}


CLAIM_LASTS = timedelta(seconds=150)
"""How long an application counts as being looked at; the page renews that every minute."""


class OwnApplication(Refusal):
    code = "own_application"
    title = "不能审核本人提交的申报"
    detail = "该申报由您本人提交，请由其他审核员审核。"


class ReasonRequired(Refusal):
    code = "reason_required"
    title = "请填写审核意见"
    detail = "审核不通过时必须填写原因，申报单位会看到这条原因。"


@dataclass(frozen=True)
class Finding:
    """What one automatic check found. `message` is Chinese and names nobody."""

    code: str
    level: Level
    message: str


def check_may_decide(*, reviewer: UUID, submitted_by: UUID) -> None:
    """A reviewer never decides what they submitted themselves.

    Raises:
        OwnApplication: it is theirs.
    """
    if reviewer == submitted_by:
        raise OwnApplication


def findings_of_addition(
    declared: Declared,
    *,
    present: Presence,
    refusal: Refusal | None,
    today: date,
    current: Month,
    mobile_shared_by: int,
) -> list[Finding]:
    """What a reviewer should know of an addition before deciding. A refusal is what an approval would run into."""
    found = [Finding("fields", "ok", "表单各项检查通过，证件号码校验位正确")]
    if refusal is None:
        found.append(Finding("rules", "ok", _conversion(present)))
    else:
        found.append(Finding(refusal.code, "refusal", refusal.detail))
    cover = declared.insurance
    if cover.start_month < current:
        found.append(Finding("late_review", "warning", f"参保月份 {cover.start_month} 已过，审核通过后将产生补缴"))
    if (cover.reason == FROM_RESIDENT) != (present == "resident") or (cover.reason == FROM_FLEXIBLE) != (
        present == "flexible"
    ):
        found.append(Finding("reason_unusual", "warning", "增员原因与该人员目前的参保情况不一致，请核对"))
    retirement = _RETIREMENT_AGE.get(declared.person.sex)
    if retirement is not None and years_after(declared.person.birth_date, retirement) <= today:
        found.append(Finding("retirement_age", "warning", f"该人员已满{retirement}周岁，请核对是否已办理退休"))
    if cover.person_category == RETIRED:
        found.append(Finding("retired_category", "warning", "人员类别为退休：单位和个人均不缴费，请核对退休证明"))
    if mobile_shared_by:
        found.append(Finding("mobile_shared", "warning", f"手机号码与其他{mobile_shared_by}名参保人员相同，请核对"))
    return found


def _conversion(present: Presence) -> str:
    match present:
        case "resident":
            return "该人员目前参加城乡居民医保，通过后自动停保"
        case "flexible":
            return "该人员目前以灵活就业身份参保，通过后自动停保"
        case _:
            return "该人员目前没有有效的职工医保参保关系"


# Who a unit is: what a wrong change of would let somebody else act in its name.
_IDENTIFYING_FIELDS = frozenset({"name", "uscc", "kind", "legal_representative", "legal_representative_id_number"})


def findings_of_employer_change(fields: Sequence[str], *, refusal: Refusal | None) -> list[Finding]:
    """What a reviewer should know of a change of registration before deciding."""
    if refusal is not None:
        return [Finding(refusal.code, "refusal", refusal.detail)]
    found = [Finding("unit", "ok", "该单位在参保登记中，状态正常")]
    if _IDENTIFYING_FIELDS.intersection(fields):
        found.append(Finding("identity_changes", "warning", "涉及单位名称、证照或法人身份的变更，请核对附件原件"))
    return found


def gravest(findings: Sequence[Finding]) -> Level:
    """The level of the gravest finding; `ok` when there is none."""
    return max((finding.level for finding in findings), key=LEVELS.index, default="ok")


def all_pass(findings: Sequence[Finding]) -> bool:
    """Whether nothing was found that a person should look at: the condition of an automatic decision."""
    return all(finding.level == "ok" for finding in findings)
