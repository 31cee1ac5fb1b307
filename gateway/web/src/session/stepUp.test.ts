import { afterEach, describe, expect, it, vi } from "vitest";

import { Problem } from "@/api/problem";

import { answered, ask, onAsked } from "./stepUpAsked";

const cancelled = new Problem({ status: 403, code: "step_up_cancelled", title: "", detail: "" });

describe("the question who sits there", () => {
  afterEach(() => answered(cancelled));

  it("is asked once, however many wait for the answer", async () => {
    const seen: boolean[] = [];
    const stop = onAsked((open) => seen.push(open));
    const both = Promise.all([ask(), ask()]);
    answered(undefined);
    await expect(both).resolves.toHaveLength(2);
    expect(seen).toEqual([false, true, true, false]);
    stop();
  });

  it("refuses everybody when it is cancelled", async () => {
    const stop = onAsked(() => undefined);
    const both = Promise.allSettled([ask(), ask()]);
    answered(cancelled);
    expect((await both).map((one) => one.status)).toEqual(["rejected", "rejected"]);
    stop();
  });

  it("is shown as soon as there is a dialog", () => {
    ask().catch(() => undefined);
    const show = vi.fn();
    onAsked(show)();
    expect(show).toHaveBeenCalledWith(true);
  });
});
