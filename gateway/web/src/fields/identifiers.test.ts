import { describe, expect, it } from "vitest";

import { groupCode, holdsBirthDate, isComplete, normaliseCode, normaliseIdentifier } from "./identifiers";

describe("normaliseIdentifier", () => {
  it.each([
    ["３３０２０３１９９００３０７１２３ｘ", "33020319900307123X"],
    [" 330203 19900307 1232 ", "330203199003071232"],
    ["91330200ma2a0b1c3j", "91330200MA2A0B1C3J"],
    ["330203　1990", "3302031990"],
  ])("%s → %s", (typed, expected) => {
    expect(normaliseIdentifier(typed)).toBe(expected);
  });
});

describe("verification codes", () => {
  it("reads what people type", () => {
    expect(normaliseCode("al3wj-s453u wpryr–tohyq 7ave1")).toBe("AL3WJS453UWPRYRT0HYQ7AVE1");
    expect(groupCode("AL3WJS453UWPRYRT0HYQ7AVE1")).toBe("AL3WJ-S453U-WPRYR-T0HYQ-7AVE1");
    expect(groupCode("")).toBe("");
  });
});

describe("when to ask about a number", () => {
  it("waits for 18 characters of a resident ID", () => {
    expect(isComplete("01", "33020319900307123")).toBe(false);
    expect(isComplete("01", "330203199003071232")).toBe(true);
    expect(isComplete("08", "E12345678")).toBe(true);
    expect(isComplete(undefined, "1234")).toBe(false);
  });

  it("knows which documents hold a birth date", () => {
    expect(holdsBirthDate("01")).toBe(true);
    expect(holdsBirthDate("08")).toBe(false);
    expect(holdsBirthDate(undefined)).toBe(false);
  });
});
