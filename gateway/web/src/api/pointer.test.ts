import { describe, expect, it } from "vitest";

import { fieldFor, nameOf } from "./pointer";

describe("nameOf", () => {
  it("splits a pointer into names, positions and unescaped characters", () => {
    expect(nameOf("/person/id_number")).toEqual(["person", "id_number"]);
    expect(nameOf("/rows/0/name")).toEqual(["rows", 0, "name"]);
    expect(nameOf("/a~1b/c~0d")).toEqual(["a/b", "c~d"]);
    expect(nameOf("")).toEqual([]);
  });

  it("keeps numbers with leading zeros as names", () => {
    expect(nameOf("/tables/01")).toEqual(["tables", "01"]);
  });
});

describe("fieldFor", () => {
  const fields = [["person", "id_number"], ["insurance"], ["remark"]];

  it("finds the field itself, or the one around it", () => {
    expect(fieldFor("/person/id_number", fields)).toEqual(["person", "id_number"]);
    expect(fieldFor("/insurance/start_month", fields)).toEqual(["insurance"]);
  });

  it("says when no field shows the fault", () => {
    expect(fieldFor("/person/name", fields)).toBeUndefined();
    expect(fieldFor("", fields)).toBeUndefined();
  });
});
