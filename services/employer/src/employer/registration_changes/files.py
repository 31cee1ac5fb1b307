"""The contents of attachments: in the object store, each under a digest of its own."""

from uuid import UUID

from employer.registration_changes.models import ChangeAttachment
from servicekit.refusals import Gone
from servicekit.store import ObjectDamaged, ObjectMissing, SealedStore

_ID_BYTES = 16


class AttachmentLost(Gone):
    code = "attachment_lost"
    title = "附件无法读取"
    detail = "该附件的内容已丢失或损坏，请联系经办机构。"


async def put(store: SealedStore, attachment_id: UUID, content: bytes) -> str:
    """Keeps the content of an attachment; answers its digest.

    The id goes into what is kept: the same file uploaded twice is two objects, so that removing the one never takes
    the other's.
    """
    return await store.put(attachment_id.bytes + content)


async def get(store: SealedStore, attachment: ChangeAttachment) -> bytes:
    """The content of an attachment.

    Raises:
        AttachmentLost: it is gone, or it isn't what was put.
    """
    try:
        return (await store.get(attachment.digest))[_ID_BYTES:]
    except (ObjectMissing, ObjectDamaged) as lost:
        raise AttachmentLost from lost


async def remove(store: SealedStore, attachment: ChangeAttachment) -> None:
    """Removes the content of an attachment."""
    await store.objects.delete(attachment.digest)
