import { describe, expect, it } from "vitest";

import { outlook } from "./removals";

describe("what a removal will mean", () => {
  it("keeps benefits to the end of the stop month", () => {
    expect(outlook("01", "2025-06", "2026-02")).toContain("职工待遇保留至 2026-02-28");
    expect(outlook(undefined, "2025-06", "2026-02")).toContain("停保当月费用不再缴纳");
  });
  it("cancels a start of the same or the next month", () => {
    expect(outlook("01", "2026-03", "2026-03")).toContain("取消");
    expect(outlook("01", "2026-04", "2026-03")).toContain("取消");
  });
  it("tells retirement and death apart", () => {
    expect(outlook("04", "2025-06", "2026-03")).toContain("退休人员");
    expect(outlook("05", "2026-03", "2026-03")).toContain("冲减");
  });
});
