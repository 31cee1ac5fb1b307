"""ETag and If-Match: what is edited or decided carries its version, so that nobody overwrites what they never saw."""

import re
from typing import Annotated

from fastapi import Depends, Header

from servicekit.refusals import ConditionRequired, Stale

_STRONG_TAG = re.compile(r'"v(0|[1-9][0-9]{0,17})"')


class IfMatchRequired(ConditionRequired):
    """The change came without saying which version it is meant for."""

    code = "if_match_required"
    title = "缺少版本信息"
    detail = "请求缺少 If-Match 版本信息，请刷新页面后重试。"


class IfMatchUnreadable(Stale):
    """An If-Match that no ETag of ours ever looked like, so it can't match."""

    code = "if_match_malformed"
    title = "版本信息无法识别"
    detail = "If-Match 版本信息无法识别，请刷新页面后重试。"


def etag_of(version: int) -> str:
    """The strong ETag of a version, with its quotes: `"v3"`."""
    return f'"v{version}"'


async def _if_match(
    if_match: Annotated[
        str | None, Header(alias="If-Match", description='ETag of the version seen, e.g. `"v3"`')
    ] = None,
) -> int:
    if if_match is None:
        raise IfMatchRequired
    # A proxy that compresses weakens the tag: the version it names is the same.
    match = _STRONG_TAG.fullmatch(if_match.strip().removeprefix("W/"))
    if match is None:
        raise IfMatchUnreadable
    return int(match[1])


IfMatch = Annotated[int, Depends(_if_match)]
"""The version the asker looked at. Compare it under the row's lock: `if row.version != seen: raise Stale`."""


def check_version(current: int, seen: int) -> None:
    """Refuses a change meant for another version.

    Raises:
        Stale: the row has moved on.
    """
    if current != seen:
        raise Stale
