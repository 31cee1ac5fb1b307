/** A section of the account page: title, how things stand, what can be done. */
import { useId, type ReactNode } from "react";

import styles from "./account.module.css";

interface Props {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

export function Card({ title, note, actions, children }: Props) {
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <div className={styles.head}>
        <div>
          <h2 id={id}>{title}</h2>
          {note !== undefined && <p>{note}</p>}
        </div>
        {actions}
      </div>
      {children !== undefined && <div className={styles.body}>{children}</div>}
    </section>
  );
}
