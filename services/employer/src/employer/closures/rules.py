"""Rules of closing a unit. Pure."""

from servicekit.refusals import Refusal


class StillInsured(Refusal):
    """Whoever is insured there would be left without cover."""

    code = "still_insured"
    title = "单位尚有参保人员"

    def __init__(self, people: int) -> None:
        super().__init__(f"该单位尚有{people}名参保人员，请先办理减员。")


class AlreadyClosed(Refusal):
    """It is closed."""

    code = "employer_closed"
    title = "单位已注销"
    detail = "该单位已经注销。"


class AlreadyOpen(Refusal):
    """It is open."""

    code = "employer_open"
    title = "单位未注销"
    detail = "该单位没有注销，无需恢复。"


def check_may_close(status: str, *, insured: int) -> None:
    """Whether a unit may be closed; `insured`: people whose cover goes on after this month.

    Raises:
        AlreadyClosed, StillInsured.
    """
    if status == "closed":
        raise AlreadyClosed
    if insured:
        raise StillInsured(insured)


def check_may_reopen(status: str) -> None:
    """Raises AlreadyOpen unless the unit is closed."""
    if status != "closed":
        raise AlreadyOpen
