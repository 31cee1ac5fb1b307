"""Internal: read by the reporting service's workers; the gateway never routes here."""

from uuid import UUID

from fastapi import APIRouter, Response

from enrollment.certificates import service
from enrollment.certificates.schemas import CertificateFacts
from servicekit.auth import InternalReader
from servicekit.clock import CurrentMonth
from servicekit.db.tx import Tx

router = APIRouter(tags=["internal"])


@router.get("/people/{person_id}/certificate-facts")
async def certificate_facts(
    person_id: UUID, reader: InternalReader, tx: Tx, month: CurrentMonth, response: Response
) -> CertificateFacts:
    """What a certificate says of a person of the unit whose clerk asked for it. Audited."""
    response.headers["Cache-Control"] = "no-store"
    return await service.facts(tx, reader, person_id, month=month)
