import { describe, expect, it } from "vitest";

import { age, showMoney, showMonth } from "./format";

describe("showMoney", () => {
  it.each([
    ["0.00", "0.00"],
    ["861.5", "861.50"],
    ["1234567.89", "1,234,567.89"],
    ["9007199254740993.01", "9,007,199,254,740,993.01"],
    ["-1234.5", "-1,234.50"],
    [null, "—"],
  ])("%s → %s", (amount, shown) => {
    expect(showMoney(amount)).toBe(shown);
  });
});

describe("showMonth", () => {
  it("writes months as the manual does", () => {
    expect(showMonth("2026-03")).toBe("202603");
    expect(showMonth(null)).toBe("—");
  });
});

describe("age", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  it.each([
    ["2026-03-10T11:59:30Z", "0 分钟"],
    ["2026-03-10T09:00:00Z", "3 小时"],
    ["2026-03-08T13:00:00Z", "47 小时"],
    ["2026-03-07T12:00:00Z", "3 天"],
    ["2026-03-10T12:05:00Z", "0 分钟"],
  ])("%s → %s", (since, shown) => {
    expect(age(since, now)).toBe(shown);
  });
});
