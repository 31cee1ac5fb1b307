"""Facts from the owning services, read by workers under the requester's authority."""

from reporting.sources.client import (
    AuthorityGone,
    CertificateFacts,
    ContributionFacts,
    PeopleUnknown,
    PersonUnknown,
    SourceFaulty,
    Sources,
    SourceUnavailable,
)
from reporting.sources.reader import (
    ListedApplication,
    ListedPerson,
    Named,
    Reader,
    Row,
    SumFacts,
    UnitFacts,
)

__all__ = [
    "AuthorityGone",
    "CertificateFacts",
    "ContributionFacts",
    "ListedApplication",
    "ListedPerson",
    "Named",
    "PeopleUnknown",
    "PersonUnknown",
    "Reader",
    "Row",
    "SourceFaulty",
    "SourceUnavailable",
    "Sources",
    "SumFacts",
    "UnitFacts",
]
