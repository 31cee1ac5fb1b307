"""What is wrong with a request's fields, in Chinese: pydantic's errors turned into pointers and messages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from servicekit.refusals import FieldFault

Place = Literal["body", "query", "path", "header", "cookie"]
_PLACES: Final[Mapping[str, Place]] = {
    "body": "body",
    "query": "query",
    "path": "path",
    "header": "header",
    "cookie": "cookie",
}
_MAX_FAULTS = 200
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# When a union refuses a value, the branch that only takes our own objects has nothing to say to people.
_WEAK = frozenset({"is_instance_of", "none_required", "is_subclass_of"})

# `{name}` is taken from the error's context.
_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "此项为必填项。",
    "extra_forbidden": "不支持此项，请检查名称是否正确。",
    "json_invalid": "请求正文不是有效的 JSON。",
    "json_type": "应为 JSON 文本。",
    "model_type": "应为一组字段（JSON 对象）。",
    "model_attributes_type": "应为一组字段（JSON 对象）。",
    "dataclass_type": "应为一组字段（JSON 对象）。",
    "dict_type": "应为一组字段（JSON 对象）。",
    "mapping_type": "应为一组字段（JSON 对象）。",
    "invalid_key": "字段名称应为文字。",
    "recursion_loop": "内容自相引用，无法处理。",
    "recursion_depth_exceeded": "内容嵌套过深，无法处理。",
    "none_required": "此项应为空。",
    "greater_than": "应大于 {gt}。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than": "应小于 {lt}。",
    "less_than_equal": "不能大于 {le}。",
    "multiple_of": "应为 {multiple_of} 的倍数。",
    "finite_number": "应为一个确定的数字。",
    "too_short": "至少需要 {min_length} 项。",
    "too_long": "最多允许 {max_length} 项。",
    "iterable_type": "应为列表。",
    "list_type": "应为列表。",
    "tuple_type": "应为列表。",
    "set_type": "应为列表。",
    "frozen_set_type": "应为列表。",
    "deque_type": "应为列表。",
    "string_type": "应为文字。",
    "string_unicode": "含有无法识别的字符，请重新输入。",
    "string_too_short": "至少填写 {min_length} 个字。",
    "string_too_long": "最多填写 {max_length} 个字。",
    "string_pattern_mismatch": "格式不正确。",
    "string_not_ascii": "只能填写英文字符。",
    "enum": "不在可选范围内。",
    "literal_error": "不在可选范围内。",
    "bool_type": "应为“是”或“否”。",
    "bool_parsing": "应为“是”或“否”。",
    "int_type": "应为整数。",
    "int_parsing": "应为整数。",
    "int_parsing_size": "数字过大。",
    "int_from_float": "应为整数。",
    "float_type": "应为数字。",
    "float_parsing": "应为数字。",
    "decimal_type": "应为数字。",
    "decimal_parsing": "应为数字。",
    "decimal_max_digits": "最多 {max_digits} 位数字。",
    "decimal_max_places": "小数最多 {decimal_places} 位。",
    "decimal_whole_digits": "整数部分最多 {whole_digits} 位。",
    "bytes_type": "应为文字。",
    "bytes_too_short": "内容过短。",
    "bytes_too_long": "内容过长。",
    "bytes_invalid_encoding": "内容编码不正确。",
    "date_type": "应为日期，格式如 2026-03-01。",
    "date_parsing": "应为日期，格式如 2026-03-01。",
    "date_from_datetime_parsing": "应为日期，格式如 2026-03-01。",
    "date_from_datetime_inexact": "应为日期，不含时间，格式如 2026-03-01。",
    "date_past": "应为过去的日期。",
    "date_future": "应为将来的日期。",
    "time_type": "应为时间，格式如 09:30。",
    "time_parsing": "应为时间，格式如 09:30。",
    "datetime_type": "应为日期和时间，格式如 2026-03-01T09:30:00+08:00。",
    "datetime_parsing": "应为日期和时间，格式如 2026-03-01T09:30:00+08:00。",
    "datetime_object_invalid": "应为日期和时间，格式如 2026-03-01T09:30:00+08:00。",
    "datetime_from_date_parsing": "应为日期和时间，格式如 2026-03-01T09:30:00+08:00。",
    "datetime_past": "应为过去的时间。",
    "datetime_future": "应为将来的时间。",
    "timezone_naive": "时间不应带时区。",
    "timezone_aware": "时间应带时区，如 +08:00。",
    "timezone_offset": "时区不正确。",
    "time_delta_type": "应为一段时长。",
    "time_delta_parsing": "应为一段时长。",
    "union_tag_invalid": "类型不在可选范围内。",
    "union_tag_not_found": "缺少类型说明。",
    "url_type": "应为网址。",
    "url_parsing": "应为网址。",
    "url_syntax_violation": "应为网址。",
    "url_too_long": "网址过长。",
    "url_scheme": "网址的协议不受支持。",
    "uuid_type": "编号格式不正确。",
    "uuid_parsing": "编号格式不正确。",
    "uuid_version": "编号格式不正确。",
    "is_instance_of": "内容格式不正确。",
    "value_error": "内容不正确。",
    "assertion_error": "内容不正确。",
    "unstorable_text": "含有无法保存的字符，请重新输入。",
}
_OTHERWISE = "内容格式不正确。"


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A field's fault and where the field came from."""

    place: Place
    fault: FieldFault


def pointer_of(parts: Sequence[str | int]) -> str:
    """The JSON Pointer (RFC 6901) of a path."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def message_of(error: Mapping[str, Any]) -> str:
    """The Chinese message of one pydantic error. Never repeats what was typed."""
    context = error.get("ctx") or {}
    kind = str(error.get("type", ""))
    own = context.get("error")
    for said in (getattr(own, "message", None), str(own) if isinstance(own, Exception) else None, error.get("msg")):
        # Our own validators speak Chinese; pydantic never does.
        if isinstance(said, str) and _CHINESE.search(said):
            return said.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "不能为空。"
    try:
        return _MESSAGES.get(kind, _OTHERWISE).format_map(context)
    except (KeyError, ValueError):
        return _OTHERWISE


def code_of(error: Mapping[str, Any]) -> str:
    """The stable code of one error: the validator's own, if it has one, else pydantic's type."""
    own = getattr((error.get("ctx") or {}).get("error"), "code", None)
    return own if isinstance(own, str) else str(error.get("type", "invalid"))


def faults_of(errors: Sequence[Mapping[str, Any]], body: object) -> list[PlacedFault]:
    """Every faulty field once, in the order of the form."""
    found: dict[tuple[Place, str], tuple[bool, PlacedFault]] = {}
    for error in errors[:_MAX_FAULTS]:
        place, pointer = _where(error, body)
        weak = error.get("type") in _WEAK
        known = found.get((place, pointer))
        if known is None or (known[0] and not weak):
            fault = FieldFault(pointer, code_of(error), message_of(error))
            found[place, pointer] = (weak, PlacedFault(place, fault))
    return [placed for _, placed in found.values()]


def _where(error: Mapping[str, Any], body: object) -> tuple[Place, str]:
    location = list(error.get("loc", ()))
    place = _PLACES.get(str(location[0]), "body") if location else "body"
    parts = location[1:]
    if error.get("type") == "json_invalid":
        return place, ""
    if place != "body":
        return place, pointer_of(parts[:1])
    return place, pointer_of(_real_parts(parts, body))


def _real_parts(parts: Sequence[str | int], body: object) -> list[str | int]:
    """The parts of a place that exist in the body: pydantic also names the branches of unions it tried."""
    real: list[str | int] = []
    here = body
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if isinstance(here, Mapping) and isinstance(part, str) and (part in here or last):
            here = here.get(part)
        elif isinstance(here, list | tuple) and isinstance(part, int) and 0 <= part < len(here):
            here = here[part]
        else:
            continue
        real.append(part)
    return real


def unstorable_places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where a JSON value holds text that no database takes: NUL, or half of a surrogate pair."""
    if isinstance(value, str):
        return [path] if _is_unstorable(value) else []
    found: list[tuple[str | int, ...]] = []
    if isinstance(value, Mapping):
        for key, item in value.items():
            if _is_unstorable(key):
                found.append(path)
            else:
                found.extend(unstorable_places(item, (*path, key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found.extend(unstorable_places(item, (*path, index)))
    return found[:_MAX_FAULTS]


def _is_unstorable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
