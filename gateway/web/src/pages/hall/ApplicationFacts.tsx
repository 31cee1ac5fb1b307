/** What was declared, for reading: by the kind of the application. */
import { Descriptions } from "antd";

import type { ApplicationDetail } from "@/api/types";
import { useNames } from "@/fields/dictionaries";
import { orNothing, showMonth } from "@/fields/format";

import { AdditionFacts } from "./AdditionFacts";
import styles from "./facts.module.css";

type Declared = Pick<ApplicationDetail, "kind" | "form" | "person_name" | "id_number_masked">;

export function ApplicationFacts({ application }: { application: Declared }) {
  if (application.kind === "addition") return <AdditionFacts form={application.form} />;
  if (application.kind === "removal") return <RemovalFacts application={application} />;
  return null;
}

function RemovalFacts({ application }: { application: Declared }) {
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
        column={2}
        items={[
          { key: "name", label: "姓名", children: orNothing(application.person_name) },
          { key: "number", label: "证件号码", children: <span className="figures">{orNothing(application.id_number_masked)}</span> },
          { key: "start", label: "参保起始月", children: showMonth(coverage["start_month"]) },
          { key: "insurances", label: "险种", children: orNothing(insurances.map((code) => name("insurance_types", code)).join("、")) },
          { key: "reason", label: "停保原因", children: name("removal_reasons", removal["reason"]) },
          { key: "month", label: "停保月份", children: showMonth(removal["stop_month"]) },
          { key: "event", label: "事件日期", children: orNothing(removal["event_date"]) },
          { key: "remark", label: "备注", children: orNothing(removal["remark"]) },
        ]}
      />
    </div>
  );
}
