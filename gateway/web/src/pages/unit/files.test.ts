import { describe, expect, it } from "vitest";

import { refuse, sizeOf } from "./files";

describe("attachments", () => {
  it.each(["执照.pdf", "a.PDF", "扫描件.jpg", "a.jpeg", "a.PNG"])("takes %s", (name) => {
    expect(refuse({ name, size: 1000 })).toBeUndefined();
  });
  it.each([
    ["a.docx", 1000, "不是 PDF"],
    ["a.pdf.exe", 1000, "不是 PDF"],
    ["a.pdf", 0, "空文件"],
    ["a.pdf", 5 * 1024 * 1024 + 1, "超过 5 MB"],
  ])("refuses %s of %i bytes", (name, size, why) => {
    expect(refuse({ name, size })).toContain(why);
  });
  it("writes sizes as people read them", () => {
    expect([sizeOf(10), sizeOf(20_480), sizeOf(3_500_000)]).toEqual(["1 KB", "20 KB", "3.3 MB"]);
  });
});
