"""API keys: what one looks like, how long it lives, what it may be given. Pure."""

import hashlib
import math
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from servicekit.refusals import FieldFault, Refusal, Unauthenticated

State = Literal["active", "expired", "revoked"]

PREFIX = "hk_"
"""By it a gateway, a scanner of source code, and whoever finds one know what it is."""
_SHOWN = len(PREFIX) + 6
"""So many characters are kept readable, to tell keys apart; the other 37 hold 222 bits."""
LONGEST_LIFE = timedelta(days=731)
MOST_LIVING = 20
PORTIONS = 20
"""Into so many portions a minute's worth of requests is cut. Fewer would leave more of it unused with gateways that a
system doesn't come back to; more would make them ask more often."""
_ROUNDING = 1e-6
SEEN_EVERY = timedelta(minutes=1)
"""`last_used_at` is written no more often: a busy system must not mean a write per request."""


class NameTaken(Refusal):
    code = "key_name_taken"
    title = "密钥名称已被使用"
    detail = "本单位已有同名的有效密钥，请换一个名称，或先吊销原密钥。"


class TooManyKeys(Refusal):
    code = "too_many_keys"
    title = "密钥数量已达上限"
    detail = f"每个单位最多同时持有{MOST_LIVING}个有效密钥，请先吊销不再使用的密钥。"


class InvalidKey(Unauthenticated):
    """Unknown, revoked, expired, or of somebody who may no longer act for the unit: all the same from outside."""

    code = "invalid_api_key"
    title = "接口密钥无效"
    detail = "接口密钥不存在、已停用或已过期，请联系单位法人。"


def new_key() -> str:
    """256 random bits, recognisable as a key of ours."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> bytes:
    """What is stored of a key. A plain SHA-256 is right here: the key is 256 random bits, so there is nothing to guess
    that a slow or salted hash would protect, and every request of a system would pay for it."""
    return hashlib.sha256(key.encode(errors="replace")).digest()


def shown_part(key: str) -> str:
    """The beginning, by which people know a key again."""
    return key[:_SHOWN]


def expiry_fault(expires_on: date, *, today: date) -> FieldFault | None:
    """What is wrong with the last day of a key."""
    if expires_on < today:
        return FieldFault("/expires_on", "expiry_past", "有效期不能早于今天")
    if expires_on - today > LONGEST_LIFE:
        return FieldFault("/expires_on", "expiry_far", "有效期最长两年")
    return None


def state_at(*, revoked_at: datetime | None, expires_at: datetime, now: datetime) -> State:
    """Whether a key opens anything now, and if not, why."""
    if revoked_at is not None:
        return "revoked"
    return "active" if now < expires_at else "expired"


def needs_noting(last_used_at: datetime | None, *, now: datetime) -> bool:
    """Whether the key's use is to be written down."""
    return last_used_at is None or now - last_used_at >= SEEN_EVERY


@dataclass(frozen=True, slots=True)
class Portion:
    """How many requests a gateway may let through by itself."""

    requests: int
    """0: none is left just now."""
    wait: int
    """Seconds until one is; 0 with a portion."""
    left: float
    """What the others can still take."""


def next_portion(left: float | None, counted_at: datetime | None, *, per_minute: int, now: datetime) -> Portion:
    """The next portion of a key's requests: of a bucket that holds a minute's worth and fills up evenly. `left` of it
    at `counted_at`; None: it is full."""
    full = float(per_minute)
    if left is None or counted_at is None:
        left = full
    else:
        since = max(0.0, (now - counted_at).total_seconds())
        left = min(full, left + since * per_minute / 60)
    requests = min(max(1, per_minute // PORTIONS), math.floor(left + _ROUNDING))
    wait = 0 if requests else math.ceil((1 - left) * 60 / per_minute)
    return Portion(requests, wait, left - requests)
