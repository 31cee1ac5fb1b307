/** What the automatic checks found, gravest marks in colour and in words. */
import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled } from "@ant-design/icons";

import type { ApplicationDetail } from "@/api/types";

import styles from "./parts.module.css";

const ICONS = {
  ok: <CheckCircleFilled aria-label="通过" />,
  warning: <ExclamationCircleFilled aria-label="请注意" />,
  refusal: <CloseCircleFilled aria-label="不符合" />,
};

export function Findings({ findings }: { findings: ApplicationDetail["findings"] }) {
  if (findings.length === 0) return null;
  return (
    <section className={styles.block} aria-label="系统核对结果">
      <h3>系统核对结果</h3>
      <ul className={styles.findings}>
        {findings.map((finding) => (
          <li key={finding.code} className={styles[finding.level]}>
            {ICONS[finding.level]}
            {finding.message}
          </li>
        ))}
      </ul>
    </section>
  );
}
