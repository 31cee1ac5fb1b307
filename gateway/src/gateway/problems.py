"""problem+json answers (RFC 9457) of the gateway itself, in Chinese, in the same shape as the services' own."""

from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of refusal by the gateway."""

    code: str
    status: int
    title: str
    detail: str
    retry_after: int | None = None


_ALL = (
    Problem("bad_request", 400, "请求格式不正确", "请求不符合 HTTP 规范，无法处理。"),
    Problem("bad_path", 400, "请求地址不正确", "请求地址含有不允许的字符，请检查后重试。"),
    Problem("session_expired", 401, "登录已失效", "您的登录已过期或已在别处退出，请重新登录。"),
    Problem("invalid_api_key", 401, "接口密钥无效", "接口密钥不存在、已停用或已过期，请联系单位管理员。"),
    Problem("cross_site_request", 403, "请求来源不被允许", "该操作必须从网上办事大厅的页面发起，请刷新页面后重试。"),
    Problem("not_found", 404, "页面不存在", "您访问的地址不存在，请检查后重试。"),
    Problem("method_not_allowed", 405, "不支持该操作", "该地址不支持此请求方法。"),
    Problem("request_timeout", 408, "上传超时", "长时间没有收到请求内容，请检查网络后重试。"),
    Problem("payload_too_large", 413, "提交的内容过大", "提交的内容超过了允许的大小，请减小后重试。"),
    Problem("uri_too_long", 414, "请求地址过长", "请求地址超过了允许的长度。"),
    Problem("too_many_requests", 429, "请求过于频繁", "同时处理的请求过多，请稍后再试。", 1),
    Problem("api_key_too_fast", 429, "接口调用过于频繁", "该接口密钥已超过每分钟请求数上限，请稍后再试。"),
    Problem("headers_too_large", 431, "请求头过大", "请求头超过了允许的大小，请清除浏览器 Cookie 后重试。"),
    Problem("internal_error", 500, "系统内部错误", "系统处理请求时出现错误，请稍后再试；如仍有问题请联系经办机构。"),
    Problem("upstream_broken", 502, "服务暂时异常", "后台服务没有给出有效的应答，请稍后再试。"),
    Problem("upstream_unreachable", 503, "服务暂时不可用", "后台服务正在恢复中，请稍后再试。", 2),
    Problem("upstream_busy", 503, "系统繁忙", "当前办理人数较多，请稍后再试。", 2),
    Problem("overloaded", 503, "系统繁忙", "当前办理人数较多，请稍后再试。", 2),
    Problem(
        "identity_unavailable", 503, "登录服务暂时不可用", "暂时无法核对您的登录状态，请稍后再试，无需重新登录。", 2
    ),
    Problem(
        "upstream_timeout",
        504,
        "服务响应超时",
        "后台服务没有在规定时间内应答。如为提交操作，请先查询是否已成功，再决定是否重试。",
    ),
)
PROBLEMS = {problem.code: problem for problem in _ALL}
"""Every problem by its code."""
CONTENT_TYPE = (b"content-type", b"application/problem+json; charset=utf-8")


def render(code: str, trace_id: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of a problem."""
    problem = PROBLEMS[code]
    body = orjson.dumps(
        {
            "type": f"urn:hall:problem:{problem.code}",
            "code": problem.code,
            "title": problem.title,
            "detail": problem.detail,
            "status": problem.status,
            "errors": [],
            "trace_id": trace_id,
        }
    )
    headers = [CONTENT_TYPE, (b"cache-control", b"no-store"), (b"content-length", b"%d" % len(body))]
    if problem.code == "bad_request":  # where such a request ends is anybody's guess
        headers.append((b"connection", b"close"))
    if problem.retry_after is not None:
        headers.append((b"retry-after", b"%d" % problem.retry_after))
    return problem.status, headers, body
