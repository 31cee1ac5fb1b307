/** What an approval did: coverage started and stopped from when, a change of the unit released. */
import type { ApplicationDetail } from "@/api/types";
import { useNames } from "@/fields/dictionaries";
import { showMonth } from "@/fields/format";
import { changedField } from "@/pages/unit/changes";

import styles from "./parts.module.css";

type Effect = ApplicationDetail["effect"][number];

export function EffectList({ effect }: { effect: readonly Effect[] }) {
  const name = useNames();
  if (effect.length === 0) return null;
  const words = (one: Effect): string => {
    const insurance = name("insurance_types", one.insurance);
    switch (one.what) {
      case "coverage_started":
        return `${insurance}：自 ${showMonth(one.month)} 起参保`;
      case "coverage_stopped":
        return `${insurance}：自 ${showMonth(one.month)} 起停保`;
      case "person_changed":
        return "人员信息已按申报更新";
      case "change_released":
        return `已通知单位登记变更：${one.fields.map(changedField).join("、")}`;
    }
  };
  return (
    <section className={styles.block} aria-label="办理结果">
      <h3>办理结果</h3>
      <ul className={styles.effects}>
        {effect.map((one, index) => (
          <li key={index}>{words(one)}</li>
        ))}
      </ul>
    </section>
  );
}
