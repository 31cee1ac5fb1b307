/** The first page of an insured person. */
import dayjs from "dayjs";

import type { Session } from "@/api/types";
import type { PageGroup } from "@/shell/pages";

import { greeting } from "./HallHome";
import styles from "./home.module.css";
import { Tiles } from "./Tiles";

export function PersonHome({ session, groups }: { session: Session; groups: readonly PageGroup[] }) {
  return (
    <div className={styles.home}>
      <section className={styles.welcome}>
        <div>
          <h1>
            {greeting(dayjs().hour())}，{session.account.display_name}
          </h1>
          <p>宁波市医疗保障个人账号</p>
        </div>
      </section>
      <Tiles base="/person" groups={groups} />
    </div>
  );
}
