/**
 * Which fields of the unit's registration a request would change. The values are with the employer service, which knows
 * the request by its `change_id`: its page part takes the place of the list of names.
 */
import { Descriptions, Tag } from "antd";

import type { ApplicationDetail } from "@/api/types";
import { orNothing } from "@/fields/format";

import styles from "@/pages/hall/facts.module.css";

const FIELDS: Readonly<Record<string, string>> = {
  name: "单位名称",
  uscc: "统一社会信用代码",
  kind: "单位类型",
  legal_representative: "法定代表人",
  legal_representative_id_type: "法定代表人证件类型",
  legal_representative_id_number: "法定代表人证件号码",
  legal_representative_phone: "法定代表人联系电话",
  address: "注册地址",
};

/** A field of the registration in the manual's words; one nobody has told the pages of keeps its own name. */
export const changedField = (field: string): string => FIELDS[field] ?? field;

export function EmployerChangeFacts({ application }: { application: ApplicationDetail }) {
  const fields = application.changed_fields ?? [];
  return (
    <div className={styles.facts}>
      <Descriptions
        title="申请变更的登记事项"
        bordered
        size="small"
        column={{ xs: 1, sm: 2 }}
        items={[
          { key: "unit", label: "单位名称", children: application.employer_name },
          { key: "no", label: "单位编号", children: <span className="figures">{application.employer_no}</span> },
          {
            key: "fields",
            label: "变更事项",
            span: "filled",
            children: fields.length === 0 ? orNothing(null) : fields.map((field) => <Tag key={field}>{changedField(field)}</Tag>),
          },
        ]}
      />
    </div>
  );
}
