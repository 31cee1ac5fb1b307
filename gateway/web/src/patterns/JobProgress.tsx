/** A job's progress, live, in words and as a bar. */
import { Progress } from "antd";
import { useEffect, useRef } from "react";

import { hasEnded, percentOf, useJob, type JobState } from "./job";
import styles from "./JobProgress.module.css";
import { ProblemNote } from "./ProblemNote";

interface Props<J extends JobState> {
  job: J;
  eventsUrl: string;
  poll: () => Promise<J>;
  onEnd: (job: J) => void;
  /** What one step of the progress is: "3 / 120 人". */
  unit?: string;
  /** What the job waits for, if it does: a service that is away. */
  waitsFor?: (job: J) => string | null | undefined;
}

const WORDS: Readonly<Record<string, string>> = {
  queued: "排队中，马上开始",
  running: "正在处理",
  done: "已完成",
  failed: "没有成功",
  cancelled: "已取消",
};

export function JobProgress<J extends JobState>({ job: initial, eventsUrl, poll, onEnd, unit, waitsFor }: Props<J>) {
  const { job, problem } = useJob(initial, eventsUrl, poll);
  const ended = hasEnded(job);
  const told = useRef(false);
  useEffect(() => {
    if (ended && !told.current) {
      told.current = true;
      onEnd(job);
    }
  }, [ended, job, onEnd]);

  if (problem) return <ProblemNote problem={problem} />;
  const percent = percentOf(job);
  const steps = unit === undefined ? "" : stepsOf(job, unit);
  const status = job.status === "failed" || job.status === "cancelled" ? "exception" : job.status === "done" ? "success" : "active";
  return (
    <div className={styles.job} role="status">
      <Progress percent={percent ?? 8} status={status} showInfo={percent !== undefined} aria-label="办理进度" />
      <div className={styles.words}>
        {(!ended && waitsFor?.(job)) || (WORDS[job.status] ?? job.status)}
        {steps}
      </div>
    </div>
  );
}

/** How far it is, in its own steps; where nobody knows how many there will be, only how many are done. */
function stepsOf({ progress, total }: JobState, unit: string): string {
  if (total == null) return progress > 0 ? `（已处理 ${progress} ${unit}）` : "";
  return total > 1 ? `（${progress} / ${total} ${unit}）` : "";
}
