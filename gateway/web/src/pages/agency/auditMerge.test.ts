import { describe, expect, it } from "vitest";

import type { AuditEntry } from "@/api/types";

import { merged, type ServiceName } from "./auditMerge";

const entry = (id: string, at: string): AuditEntry => ({
  id, at, chain: "agency", position: 1, actor_id: null, actor_kind: "system", via: "system", action: "a.b", subject: "x", facts: {}, trace_id: null,
});
const at = (minute: number) => `2026-03-10T02:${String(minute).padStart(2, "0")}:00.000000Z`;
type Pages = Map<ServiceName, { items: AuditEntry[]; next: string | null }>;

describe("merged logs", () => {
  it("shows the newest of all, and goes on behind what was shown", () => {
    const pages: Pages = new Map([
      ["identity", { items: [entry("a", at(9)), entry("b", at(5))], next: "more" }],
      ["employer", { items: [entry("c", at(8)), entry("d", at(7))], next: null }],
    ]);
    const { items, next } = merged(pages, {}, 2);
    expect(items.map(({ id, service }) => `${service} ${id}`)).toEqual(["identity a", "employer c"]);
    expect(next).toEqual({ identity: `${at(9)}~a`, employer: `${at(8)}~c` });
  });

  it("ends with the last log", () => {
    const pages: Pages = new Map([["identity", { items: [entry("a", at(9))], next: null }], ["employer", { items: [], next: null }]]);
    expect(merged(pages, {}, 20).next).toBeNull();
  });

  it("keeps the place of a log none of whose entries were shown", () => {
    const pages: Pages = new Map([
      ["identity", { items: [entry("a", at(9))], next: "more" }],
      ["employer", { items: [entry("c", at(1))], next: null }],
    ]);
    expect(merged(pages, { employer: "before" }, 1).next).toEqual({ identity: `${at(9)}~a`, employer: "before" });
  });
});
