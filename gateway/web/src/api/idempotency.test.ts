import { describe, expect, it } from "vitest";

import { SubmissionKey } from "./idempotency";
import { networkProblem, Problem } from "./problem";

const refusal = (status: number, code = "x") => new Problem({ status, code, title: "", detail: "" });

async function keysOfTwoAttempts(first: Problem | undefined): Promise<[string, string]> {
  const submission = new SubmissionKey();
  const seen: string[] = [];
  const attempt = (fault?: Problem) =>
    submission
      .attempt((key) => {
        seen.push(key);
        return fault ? Promise.reject(fault) : Promise.resolve(key);
      })
      .catch(() => undefined);
  await attempt(first);
  await attempt();
  return [seen[0] ?? "", seen[1] ?? ""];
}

describe("SubmissionKey", () => {
  it.each([networkProblem(), refusal(500), refusal(503), refusal(504), refusal(409, "request_in_progress")])(
    "keeps the key while nobody knows whether it arrived (%#)",
    async (fault) => {
      const [first, second] = await keysOfTwoAttempts(fault);
      expect(second).toBe(first);
    },
  );

  it.each([refusal(422), refusal(409, "already_insured"), refusal(401)])("takes a new key after a definite refusal (%#)", async (fault) => {
    const [first, second] = await keysOfTwoAttempts(fault);
    expect(second).not.toBe(first);
  });

  it("takes a new key for the next submission", async () => {
    const [first, second] = await keysOfTwoAttempts(undefined);
    expect(second).not.toBe(first);
  });
});
