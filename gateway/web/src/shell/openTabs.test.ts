import { describe, expect, it } from "vitest";

import { closed, neighbour, opened } from "./openTabs";

describe("open tabs", () => {
  const tabs = { open: ["a", "b", "c"] };

  it("opens a page once, at the end", () => {
    expect(opened(tabs, "d").open).toEqual(["a", "b", "c", "d"]);
    expect(opened(tabs, "b")).toBe(tabs);
  });

  it("goes to the right neighbour, then the left, then home", () => {
    expect(neighbour(tabs, "b")).toBe("c");
    expect(neighbour(tabs, "c")).toBe("b");
    expect(neighbour({ open: ["a"] }, "a")).toBeUndefined();
  });

  it("closes only the named one", () => {
    expect(closed(tabs, "b").open).toEqual(["a", "c"]);
    expect(closed(tabs, "x").open).toEqual(["a", "b", "c"]);
  });
});
