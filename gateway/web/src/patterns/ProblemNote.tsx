/** A refusal or fault said on the page: what, why, what to do, and the number support needs to find it. */
import { Alert, Button, Typography } from "antd";

import type { Problem } from "@/api/problem";

import styles from "./ProblemNote.module.css";

export function ProblemNote({ problem, retry }: { problem: Problem; retry?: () => void }) {
  const unexpected = problem.status === 0 || problem.status >= 500;
  return (
    <Alert
      className={styles.note}
      role="alert"
      type={unexpected ? "error" : "warning"}
      showIcon
      title={problem.title}
      description={
        <>
          {problem.detail !== problem.title && <div>{problem.detail}</div>}
          {problem.retryAfter !== undefined && <div>请在 {problem.retryAfter} 秒后再试。</div>}
          {unexpected && problem.traceId !== undefined && (
            <div className={styles.trace}>
              如需帮助，请提供问题编号 <Typography.Text code copyable>{problem.traceId}</Typography.Text>
            </div>
          )}
        </>
      }
      action={retry && <Button size="small" onClick={retry}>重试</Button>}
    />
  );
}
