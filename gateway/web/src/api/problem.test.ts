import { describe, expect, it } from "vitest";

import { asProblem, problemOf } from "./problem";

const none = new Headers();

describe("problemOf", () => {
  it("takes what problem+json says", () => {
    const problem = problemOf(
      422,
      { code: "invalid_fields", title: "填写有误", detail: "请修改", errors: [{ pointer: "/month", code: "m", message: "月份不对" }], trace_id: "t" },
      none,
    );
    expect(problem).toMatchObject({ status: 422, code: "invalid_fields", detail: "请修改", traceId: "t" });
    expect(problem.errors).toEqual([{ pointer: "/month", code: "m", message: "月份不对" }]);
  });

  it.each([undefined, "<html>Bad gateway</html>", null, 7, { errors: "no list" }])("stays readable for any other body (%#)", (body) => {
    const problem = problemOf(502, body, none);
    expect(problem.title).toBe("服务暂时不可用");
    expect(problem.errors).toEqual([]);
  });

  it("has words for where there are no fields", () => {
    const fault = (message: string) => ({ pointer: "/month", code: "m", message });
    expect(problemOf(422, { detail: "请修改", errors: [fault("起始月过早"), fault("起始月过早"), fault("截止月过晚")] }, none).words).toBe("起始月过早；截止月过晚");
    expect(problemOf(409, { detail: "已参保" }, none).words).toBe("已参保");
  });

  it("knows how long to wait", () => {
    expect(problemOf(429, {}, new Headers({ "retry-after": "30" })).retryAfter).toBe(30);
    expect(problemOf(429, {}, new Headers({ "retry-after": "soon" })).retryAfter).toBeUndefined();
  });

  it("counts only a read request as refused", () => {
    expect(problemOf(409, {}, none).refused).toBe(true);
    expect(problemOf(408, {}, none).refused).toBe(false);
    expect(problemOf(503, {}, none).refused).toBe(false);
    expect(asProblem(new TypeError("x")).refused).toBe(false);
  });
});
