/** Work that a page waits for: whether it is under way, and what went wrong last. */
import { useState } from "react";

import { asProblem, type Problem } from "@/api/problem";

export function useAttempt() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, setProblem, attempt };
}
