/** Following a job: live by server-sent events, by polling where those don't get through. */
import { useEffect, useRef, useState } from "react";

import { asProblem, type Problem } from "@/api/problem";

export interface JobState {
  readonly status: string;
  readonly progress: number;
  readonly total?: number | null;
}

const ENDED: ReadonlySet<string> = new Set(["done", "failed", "cancelled", "expired"]);
const POLL_MS = 1000;

export const hasEnded = (job: JobState): boolean => ENDED.has(job.status);

/** Whole per cents, or undefined while the size of the work isn't known. */
export function percentOf(job: JobState): number | undefined {
  if (job.status === "done") return 100;
  if (job.total == null || job.total <= 0) return undefined;
  return Math.min(99, Math.floor((100 * job.progress) / job.total));
}

/**
 * Calls `show` with every state until the job has ended. Returns how to stop.
 * The stream is given up at its first fault: polling always works.
 */
export function followJob<J extends JobState>(
  eventsUrl: string,
  poll: () => Promise<J>,
  show: (job: J) => void,
  fail: (problem: Problem) => void,
): () => void {
  let stopped = false;
  let timer: number | undefined;
  const source = new EventSource(eventsUrl);
  const stop = () => {
    stopped = true;
    source.close();
    window.clearTimeout(timer);
  };
  const take = (job: J) => {
    if (stopped) return;
    show(job);
    if (hasEnded(job)) stop();
  };
  const pollOnce = async () => {
    try {
      take(await poll());
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.refused) {
        stop();
        fail(problem);
      }
    }
    if (!stopped) timer = window.setTimeout(() => void pollOnce(), POLL_MS);
  };
  source.addEventListener("job", (event: MessageEvent<string>) => take(JSON.parse(event.data) as J));
  source.addEventListener("error", () => {
    source.close();
    if (!stopped) void pollOnce();
  });
  return stop;
}

/** The job as it stands now. */
export function useJob<J extends JobState>(initial: J, eventsUrl: string, poll: () => Promise<J>) {
  const [job, setJob] = useState(initial);
  const [problem, setProblem] = useState<Problem>();
  const latestPoll = useRef(poll);
  useEffect(() => {
    latestPoll.current = poll;
  });
  const ended = hasEnded(job);
  useEffect(() => {
    if (ended) return undefined;
    return followJob(eventsUrl, () => latestPoll.current(), setJob, setProblem);
  }, [eventsUrl, ended]);
  return { job, problem };
}
