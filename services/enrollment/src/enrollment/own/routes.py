"""What an insured person asks about themselves; nothing in the request says who that is."""

from fastapi import APIRouter, Response

from enrollment.own import service
from enrollment.own.schemas import OwnCertificateFacts, OwnCoveragesOut, RecognitionOut
from enrollment.recognition import service as recognition
from servicekit.auth import InsuredPerson, InternalPersonReader, RecognisedPerson, SignedInPerson
from servicekit.clock import CurrentMonth
from servicekit.db.tx import Tx

router = APIRouter(prefix="/me", tags=["个人"])
internal_router = APIRouter(prefix="/me", tags=["internal"])


@router.get("/recognition", summary="个人账号核对情况")
async def recognition_of_me(me: SignedInPerson, tx: Tx, response: Response) -> RecognitionOut:
    """Whether the account was found to be an insured person's; what stands in the way, if not."""
    response.headers["Cache-Control"] = "no-store"
    standing = await recognition.own_standing(tx, me)
    return RecognitionOut(standing=standing or "checking", ready=isinstance(me, InsuredPerson))


@router.get("/coverage", summary="本人参保信息")
async def my_coverage(me: RecognisedPerson, tx: Tx, month: CurrentMonth, response: Response) -> OwnCoveragesOut:
    """The asker's own coverage, of every unit and of none."""
    response.headers["Cache-Control"] = "no-store"
    return await service.coverages(tx, me, month=month)


@internal_router.get("/certificate-facts")
async def my_certificate_facts(
    reader: InternalPersonReader, tx: Tx, month: CurrentMonth, response: Response
) -> OwnCertificateFacts:
    """What their own certificate says of the person for whom reporting asks. Audited."""
    response.headers["Cache-Control"] = "no-store"
    return await service.certificate_facts(tx, reader, month=month)
