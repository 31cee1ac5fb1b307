/** RFC 9457 problems as the hall answers them, and the two faults that never reach the hall. */

export interface FieldFault {
  /** JSON Pointer into the body that was sent, e.g. `/person/id_number`. */
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

export interface ProblemParts {
  status: number;
  code: string;
  title: string;
  detail: string;
  errors?: readonly FieldFault[];
  traceId?: string | undefined;
  retryAfter?: number | undefined;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldFault[];
  readonly traceId: string | undefined;
  /** Seconds to wait, where the answer says so (429, 503). */
  readonly retryAfter: number | undefined;

  constructor(parts: ProblemParts) {
    super(parts.detail);
    this.name = "Problem";
    this.status = parts.status;
    this.code = parts.code;
    this.title = parts.title;
    this.detail = parts.detail;
    this.errors = parts.errors ?? [];
    this.traceId = parts.traceId;
    this.retryAfter = parts.retryAfter;
  }

  /** What to say where there is no form with fields to say it at. */
  get words(): string {
    return [...new Set(this.errors.map((fault) => fault.message))].join("；") || this.detail;
  }

  /** True when the hall certainly did nothing: it read the request and refused it. */
  get refused(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408 && this.code !== "request_in_progress";
  }
}

const WORDS: Readonly<Record<number, readonly [string, string]>> = {
  403: ["没有权限", "您没有办理这项业务的权限，请联系单位法人授权。"],
  404: ["没有找到", "要找的内容不存在，或者不属于当前单位。"],
  412: ["内容已被更新", "您看到的内容已被他人更新，请刷新后再试。"],
  413: ["提交的内容过大", "提交的内容超过了大小限制。"],
  429: ["操作过于频繁", "操作过于频繁，请稍后再试。"],
  502: ["服务暂时不可用", "服务暂时没有响应，您填写的内容已保留，请稍后再试。"],
  503: ["服务暂时不可用", "服务暂时没有响应，您填写的内容已保留，请稍后再试。"],
  504: ["服务响应超时", "服务没有在限定时间内答复，您填写的内容已保留，请稍后再试。"],
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function faultsOf(value: unknown): FieldFault[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((fault) => ({
    pointer: text(fault["pointer"]) ?? "",
    code: text(fault["code"]) ?? "invalid",
    message: text(fault["message"]) ?? "填写有误",
  }));
}

/** A problem from whatever came back with an error status: problem+json, or a page some proxy put in its place. */
export function problemOf(status: number, body: unknown, headers: Headers): Problem {
  const parts = isRecord(body) ? body : {};
  const [title, detail] = WORDS[status] ?? ["操作没有成功", "系统出现异常，您填写的内容已保留，请稍后再试。"];
  const wait = Number(headers.get("retry-after"));
  return new Problem({
    status,
    code: text(parts["code"]) ?? `http_${status}`,
    title: text(parts["title"]) ?? title,
    detail: text(parts["detail"]) ?? text(parts["title"]) ?? detail,
    errors: faultsOf(parts["errors"]),
    traceId: text(parts["trace_id"]),
    retryAfter: Number.isFinite(wait) && wait > 0 ? wait : undefined,
  });
}

/** The request may or may not have arrived. */
export function networkProblem(): Problem {
  return new Problem({
    status: 0,
    code: "network",
    title: "网络连接不通",
    detail: "没有连上单位网厅，请检查网络后重试；您填写的内容已保留。",
  });
}

/** Anything thrown, as a problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem({
    status: 0,
    code: "page_fault",
    title: "页面出现异常",
    detail: "页面处理时出现异常，请刷新后重试。",
  });
}
