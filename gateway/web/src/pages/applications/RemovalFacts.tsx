/** The form of a removal as it was declared, for reading. */
import { Descriptions } from "antd";

import type { ApplicationDetail } from "@/api/types";
import { useNames } from "@/fields/dictionaries";
import { orNothing, showMonth } from "@/fields/format";

import type { RevealedNumbers } from "./DeclaredFacts";
import styles from "@/pages/hall/facts.module.css";

export function RemovalFacts({ application, idNumber }: { application: ApplicationDetail } & RevealedNumbers) {
  const name = useNames();
  const removal = application.form["removal"] ?? {};
  const coverage = application.form["coverage"] ?? {};
  const insurances = (coverage["insurances"] ?? "").split(" ").filter(Boolean);
  return (
    <div className={styles.facts}>
      <Descriptions
        title="人员信息"
        bordered
        size="small"
        column={{ xs: 1, sm: 2 }}
        items={[
          { key: "name", label: "姓名", children: orNothing(application.person_name) },
          { key: "number", label: "证件号码", children: idNumber ?? <span className="figures">{orNothing(application.id_number_masked)}</span> },
          { key: "insurances", label: "险种", children: orNothing(insurances.map((code) => name("insurance_types", code)).join("、")) },
          { key: "start", label: "参保起始月", children: showMonth(coverage["start_month"]) },
          { key: "reason", label: "停保原因", children: name("removal_reasons", removal["reason"]) },
          { key: "stop", label: "停保月份", children: showMonth(removal["stop_month"]) },
          { key: "event", label: "事件日期", children: orNothing(removal["event_date"]) },
          { key: "remark", label: "备注", children: orNothing(removal["remark"]) },
        ]}
      />
    </div>
  );
}
