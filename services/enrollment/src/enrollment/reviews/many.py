"""Many decisions at once.

Each application is decided in a transaction of its own. In one for all, two reviewers with overlapping choices would
wait for each other's units and people, and the units' audit chains would stand still until the last of two hundred is
done. What is decided stays decided, whatever happens to the next one; asking again for the same says so for each.
"""

from datetime import date, datetime

import structlog

from enrollment.reviews import service
from enrollment.reviews.rules import ReasonRequired
from enrollment.reviews.schemas import DecisionForm, DecisionOutcome, ManyDecisionsForm, Outcome, Picked
from servicekit.auth import Reviewer
from servicekit.db.tx import Scope, begin
from servicekit.refusals import Refusal, Unavailable
from servicekit.runtime import Runtime

log = structlog.get_logger(__name__)


async def decide_many(
    runtime: Runtime, reviewer: Reviewer, form: ManyDecisionsForm, *, today: date, now: datetime
) -> list[DecisionOutcome]:
    """Decides one after another and tells what became of each. Commits each by itself.

    Raises:
        ReasonRequired: before anything is decided.
    """
    if form.decision == "reject" and not (form.reason or "").strip():
        raise ReasonRequired(pointer="/reason")
    one = DecisionForm(decision=form.decision, reason=form.reason)
    return [await _decide(runtime, reviewer, picked, one, today=today, now=now) for picked in form.items]


async def _decide(
    runtime: Runtime, reviewer: Reviewer, picked: Picked, form: DecisionForm, *, today: date, now: datetime
) -> DecisionOutcome:
    try:
        async with begin(runtime, scope=Scope.of(reviewer)) as tx:
            application = await service.decide(
                tx, reviewer, picked.no, form, seen_version=picked.version, today=today, now=now
            )
            no, status, reason = application.no, application.status, application.decision_reason
    except Refusal as refusal:
        return DecisionOutcome(
            no=picked.no, outcome="not_decided", code=refusal.code, detail=refusal.detail, status=None
        )
    except Exception:  # one that can't be decided must not take the others' outcomes with it
        log.exception("decision_failed", no=picked.no)
        return DecisionOutcome(
            no=picked.no, outcome="not_decided", code=Unavailable.code, detail=Unavailable.detail, status=None
        )
    outcome: Outcome = "approved" if status == "approved" else "rejected"
    if status == "rejected" and form.decision == "approve":
        outcome = "rejected_by_rule"
    return DecisionOutcome(no=no, outcome=outcome, code=None, detail=reason, status=status)
