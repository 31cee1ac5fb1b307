"""Whose a report is: a unit's, whoever of its clerks asked for it, or an insured person's own."""

from servicekit.auth import Clerk, InsuredPerson

Owner = Clerk | InsuredPerson


def unit_of(owner: Owner) -> str | None:
    """The unit whose report it is; None: the person's own."""
    return owner.employer_no if isinstance(owner, Clerk) else None


def chain_of(owner: Owner) -> str:
    """The audit chain that a report's steps are written to."""
    return owner.employer_no if isinstance(owner, Clerk) else f"account:{owner.account_id}"


def path_of(report_id: object, employer_no: str | None) -> str:
    """Where a report is found: a unit's in its report centre, one's own among one's own."""
    return f"/api/reporting/{'me/' if employer_no is None else ''}reports/{report_id}"
