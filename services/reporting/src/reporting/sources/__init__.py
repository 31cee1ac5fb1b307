"""Facts from the owning services, read by workers under the requester's authority."""

from reporting.sources.client import (
    AuthorityGone,
    CertificateFacts,
    ContributionFacts,
    PersonUnknown,
    SourceFaulty,
    Sources,
    SourceUnavailable,
)

__all__ = [
    "AuthorityGone",
    "CertificateFacts",
    "ContributionFacts",
    "PersonUnknown",
    "SourceFaulty",
    "SourceUnavailable",
    "Sources",
]
