import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Notices } from "@/api/types";

import { followNotices, latestOf, newsBetween } from "./notices";

const item = (no: string, decided_at: string) => ({ no, decided_at }) as Notices["items"][number];
const notices = (pending: number, items: Notices["items"] = [], employer_no = "330200000000000101") =>
  ({ employer_no, pending, unseen: items.length, seen_to: "2026-03-01T00:00:00Z", items, reports: [] as Notices["reports"] });

describe("latestOf", () => {
  it("puts decisions and reports in one list, by the moment, however it is written", () => {
    const report = { job_id: "r", title: "参保人员花名册", failed: false, told_at: "2026-03-10T09:30:00+08:00" };
    const state = { ...notices(0, [item("2", "2026-03-10T02:00:00Z"), item("1", "2026-03-10T01:00:00.5Z")]), reports: [report] };
    expect(latestOf(state).map((entry) => entry.decision?.no ?? entry.report?.job_id)).toEqual(["2", "r", "1"]);
    expect(latestOf(undefined)).toEqual([]);
  });
});

describe("newsBetween", () => {
  it("has nothing to say of the first state, or of another unit's", () => {
    expect(newsBetween(undefined, notices(3))).toEqual({ changed: false, decided: [] });
    expect(newsBetween(notices(1, [], "330200000000000102"), notices(2)).changed).toBe(false);
  });

  it("tells decisions from mere changes", () => {
    const old = item("1", "2026-03-10T01:00:00Z");
    const fresh = item("2", "2026-03-10T02:00:00Z");
    expect(newsBetween(notices(2, [old]), notices(2, [old]))).toEqual({ changed: false, decided: [] });
    expect(newsBetween(notices(2, [old]), notices(3, [old]))).toEqual({ changed: true, decided: [] });
    expect(newsBetween(notices(2, [old]), notices(1, [fresh, old])).decided).toEqual([fresh]);
    expect(newsBetween(notices(2), notices(1, [fresh])).decided).toEqual([fresh]);
  });

  it("doesn't take an old decision that moves into view for a new one", () => {
    const shown = item("2", "2026-03-10T02:00:00Z");
    const older = item("1", "2026-03-10T01:00:00Z");
    expect(newsBetween(notices(2, [shown]), notices(2, [shown, older])).decided).toEqual([]);
  });
});

class FakeSource extends EventTarget {
  static made: FakeSource[] = [];
  static readonly CLOSED = 2;
  readyState = 1;
  closed = false;
  constructor(readonly url: string) {
    super();
    FakeSource.made.push(this);
  }
  close() {
    this.closed = true;
  }
  say(state: Notices) {
    this.dispatchEvent(new MessageEvent("notices", { data: JSON.stringify(state) }));
  }
  fail(readyState: number) {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }
}

describe("followNotices", () => {
  const page = Object.assign(new EventTarget(), { hidden: false });
  const turn = (hidden: boolean) => {
    page.hidden = hidden;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  const unread = () => Promise.reject(new Error("nobody should ask"));
  beforeEach(() => {
    FakeSource.made = [];
    page.hidden = false;
    vi.useFakeTimers();
    vi.stubGlobal("EventSource", FakeSource);
    vi.stubGlobal("document", page);
    vi.stubGlobal("window", globalThis);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  const latest = () => FakeSource.made.at(-1) as FakeSource;

  it("shows what the stream says, and holds no connection while the page is hidden", () => {
    const show = vi.fn();
    const stop = followNotices(show, unread);
    latest().say(notices(1));
    expect(show).toHaveBeenCalledWith(notices(1));
    turn(true);
    expect(latest().closed).toBe(true);
    turn(false);
    expect(FakeSource.made).toHaveLength(2);
    stop();
    expect(latest().closed).toBe(true);
  });

  it("polls where no stream gets through", async () => {
    const show = vi.fn();
    const read = vi.fn(() => Promise.resolve(notices(7)));
    const stop = followNotices(show, read);
    latest().fail(0); // connects again by itself
    expect(read).not.toHaveBeenCalled();
    latest().fail(2);
    await vi.advanceTimersByTimeAsync(0);
    expect(show).toHaveBeenCalledWith(notices(7));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(read).toHaveBeenCalledTimes(2);
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(read).toHaveBeenCalledTimes(2);
  });
});
