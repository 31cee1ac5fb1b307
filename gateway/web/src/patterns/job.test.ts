import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Problem } from "@/api/problem";

import { followJob, percentOf, type JobState } from "./job";

class Stream extends EventTarget {
  static last: Stream;
  closed = false;
  constructor(readonly url: string) {
    super();
    Stream.last = this;
  }
  close() {
    this.closed = true;
  }
  say(job: JobState) {
    this.dispatchEvent(new MessageEvent("job", { data: JSON.stringify(job) }));
  }
}

const at = (status: string, progress: number): JobState => ({ status, progress, total: 4 });

describe("percentOf", () => {
  it("shows 100 only when done, nothing while the size is unknown", () => {
    expect(percentOf(at("running", 1))).toBe(25);
    expect(percentOf(at("running", 4))).toBe(99);
    expect(percentOf({ status: "done", progress: 0, total: null })).toBe(100);
    expect(percentOf({ status: "queued", progress: 0, total: null })).toBeUndefined();
  });
});

describe("followJob", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("EventSource", Stream);
    vi.stubGlobal("window", globalThis);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("shows what the stream says and closes it at the end", () => {
    const seen: string[] = [];
    followJob<JobState>("/events", () => Promise.reject(new Error("unused")), (job) => seen.push(job.status), () => undefined);
    Stream.last.say(at("running", 1));
    Stream.last.say(at("done", 4));
    Stream.last.say(at("done", 4));
    expect(seen).toEqual(["running", "done"]);
    expect(Stream.last.closed).toBe(true);
  });

  it("polls when the stream breaks, until the end", async () => {
    const states = [at("running", 2), at("done", 4)];
    const poll = vi.fn(() => Promise.resolve(states.shift() ?? at("failed", 0)));
    const seen: string[] = [];
    followJob("/events", poll, (job) => seen.push(job.status), () => undefined);
    Stream.last.dispatchEvent(new Event("error"));
    await vi.runAllTimersAsync();
    expect(seen).toEqual(["running", "done"]);
    expect(poll).toHaveBeenCalledTimes(2);
  });

  it("goes on polling through faults, but not after a refusal", async () => {
    const answers = [
      () => Promise.reject(new Problem({ status: 503, code: "x", title: "", detail: "" })),
      () => Promise.reject(new Problem({ status: 404, code: "not_found", title: "", detail: "" })),
    ];
    const poll = vi.fn(() => (answers.shift() ?? (() => Promise.resolve(at("done", 4))))());
    const failed: string[] = [];
    followJob("/events", poll, () => undefined, (problem) => failed.push(problem.code));
    Stream.last.dispatchEvent(new Event("error"));
    await vi.runAllTimersAsync();
    expect(failed).toEqual(["not_found"]);
    expect(poll).toHaveBeenCalledTimes(2);
  });
});
