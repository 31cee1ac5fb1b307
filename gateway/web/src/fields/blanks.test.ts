import { expect, it } from "vitest";

import { withoutBlanks } from "./blanks";

it("leaves out what is empty, at any depth, and keeps what only looks so", () => {
  const form = { name: "王", email: "", mobile: null, phone: undefined, cleared: false, count: 0, insurance: { reason: "01", remark: "" } };
  expect(withoutBlanks(form)).toEqual({ name: "王", cleared: false, count: 0, insurance: { reason: "01" } });
});
