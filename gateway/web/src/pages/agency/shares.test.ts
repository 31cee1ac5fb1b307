import { describe, expect, it } from "vitest";

import { fraction, showShare } from "./shares";

describe("shares and per cents", () => {
  it.each([
    ["0.08500", "8.5%"],
    ["0.02000", "2%"],
    ["0.00700", "0.7%"],
    ["0.00005", "0.005%"],
    ["0.00000", "0%"],
    ["1.00000", "100%"],
    ["1", "100%"],
  ])("shows %s as %s", (share, shown) => expect(showShare(share)).toBe(shown));

  it.each([
    ["8.5", "0.085"],
    ["2", "0.02"],
    ["0.7", "0.007"],
    ["100", "1"],
    ["0", "0"],
    ["12.345", "0.12345"],
  ])("takes %s for %s", (typed, sent) => expect(fraction(typed)).toBe(sent));
});
