/** Title of a page, what it is for, and its own actions. */
import type { ReactNode } from "react";

import styles from "./PageHead.module.css";

export function PageHead({ title, hint, extra }: { title: string; hint?: ReactNode; extra?: ReactNode }) {
  return (
    <header className={styles.head}>
      <div>
        <h1 className={styles.title}>{title}</h1>
        {hint !== undefined && <p className={styles.hint}>{hint}</p>}
      </div>
      {extra}
    </header>
  );
}
