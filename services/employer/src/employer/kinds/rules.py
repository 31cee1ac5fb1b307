"""Rules of kinds of employer. Pure."""

from servicekit.refusals import NotFound, Refusal


class KindNotFound(NotFound):
    """There is no such kind."""

    code = "employer_kind_not_found"
    title = "单位类型不存在"
    detail = "没有这样的单位类型。"


class StillAnnouncing(Refusal):
    """The change before is still on its way to the units."""

    code = "kind_change_running"
    title = "上一次更改正在生效"
    detail = "该单位类型的上一次更改正在通知各单位，请稍后再改。"


def check_idle(*, announcing: bool) -> None:
    """Raises StillAnnouncing while the units of the kind are still being told of the change before."""
    if announcing:
        raise StillAnnouncing
