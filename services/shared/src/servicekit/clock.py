"""The clocks: technical time in UTC, and the business clock of the agency (Asia/Shanghai).

Rules never ask a clock; the edge does (`CurrentMonth`, `Today`, `Now`) and passes the answer in as an argument.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from contracts.values.month import Month

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        ...

    def today(self) -> date:
        """The business date."""
        ...

    def month(self) -> Month:
        """The business month."""
        ...


class SystemClock:
    """The machine's clock. `business_today` holds the business date still, for demonstrations: sessions and tokens
    go on living by the real time."""

    def __init__(self, business_today: date | None = None) -> None:
        self._business_today = business_today

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The business date."""
        return self._business_today or self.now().astimezone(BUSINESS_ZONE).date()

    def month(self) -> Month:
        """The business month."""
        return Month.of(self.today())


class FixedClock:
    """A clock that stands still until it is moved. For tests.

    Raises:
        ValueError: for a moment without a time zone.
    """

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("the moment needs a time zone")
        self._now = now.astimezone(UTC)

    @classmethod
    def on(cls, day: date, hour: int = 10) -> "FixedClock":
        """A clock that shows this hour of this business day."""
        return cls(datetime(day.year, day.month, day.day, hour, tzinfo=BUSINESS_ZONE))

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        return self._now

    def today(self) -> date:
        """The business date."""
        return self._now.astimezone(BUSINESS_ZONE).date()

    def month(self) -> Month:
        """The business month."""
        return Month.of(self.today())

    def advance(self, by: timedelta) -> None:
        """Moves the clock."""
        self._now += by


def _clock(request: Request) -> Clock:
    clock: Clock = request.app.state.runtime.clock
    return clock


async def _current_month(request: Request) -> Month:
    return _clock(request).month()


async def _today(request: Request) -> date:
    return _clock(request).today()


async def _now(request: Request) -> datetime:
    return _clock(request).now()


CurrentMonth = Annotated[Month, Depends(_current_month)]
"""The business month of the request."""
Today = Annotated[date, Depends(_today)]
"""The business date of the request."""
Now = Annotated[datetime, Depends(_now)]
"""The moment of the request, UTC."""
