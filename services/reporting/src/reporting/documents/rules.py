"""Rules of issued documents. Pure."""

from servicekit.refusals import NotFound, Refusal


class DocumentUnknown(NotFound):
    """No document has this number or code."""

    code = "document_unknown"
    title = "未查到该证明"
    detail = "没有这个编号或校验码的证明，请核对后重新查询。"


class AlreadyRevoked(Refusal):
    """It was taken back before; the reason given then stands."""

    code = "already_revoked"
    title = "该证明已作废"
    detail = "该证明此前已作废，不能再次作废。"
