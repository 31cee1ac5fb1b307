/** The head of each first page: who is greeted, where they are, and what waits. */
import dayjs from "dayjs";
import type { ReactNode } from "react";

import type { Session } from "@/api/types";

import styles from "./home.module.css";

interface Props {
  session: Session;
  where: ReactNode;
  /** Figures beside it. */
  children: ReactNode;
}

export function Welcome({ session, where, children }: Props) {
  return (
    <section className={styles.welcome}>
      <div>
        <h1>
          {greeting(dayjs().hour())}，{session.account.display_name}
        </h1>
        <p>{where}</p>
      </div>
      {children}
    </section>
  );
}

function greeting(hour: number): string {
  if (hour < 6) return "夜深了";
  if (hour < 12) return "上午好";
  return hour < 18 ? "下午好" : "晚上好";
}
