"""How each kind of report is made: from the facts of the owning services to a file."""

from collections.abc import Awaitable, Callable, Mapping

from reporting.reports.makers import certificates, employer_certificate, exports, lists
from reporting.reports.tasks import Made, Task

MAKERS: Mapping[str, Callable[[Task], Awaitable[Made]]] = {
    "insurance_certificate": certificates.one,
    "insurance_certificates": certificates.many,
    "employer_certificate": employer_certificate.make,
    "contribution_list": lists.contributions,
    "roster_list": lists.roster,
    "person_contributions": exports.person_contributions,
    "employer_contributions": exports.employer_contributions,
    "roster": exports.roster,
    "applications": exports.applications,
}

__all__ = ["MAKERS"]
