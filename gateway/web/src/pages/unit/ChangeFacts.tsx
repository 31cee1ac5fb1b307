/** A change of registration: before and after, the unit's words, the attachments. */
import { Alert, Table } from "antd";
import type { ReactNode } from "react";

import { useNames } from "@/fields/dictionaries";
import { orNothing } from "@/fields/format";

import { AttachmentList } from "./AttachmentList";
import type { Attachment } from "./attachments";
import { changedField, type Change } from "./changes";
import styles from "./unit.module.css";

interface Props {
  change: Change;
  urlOf: (file: Attachment) => string;
  /** The new identity number, with a way to see it in full. */
  number?: (masked: string | null | undefined) => ReactNode;
}

export function ChangeFacts({ change, urlOf, number }: Props) {
  const name = useNames();
  const said = (field: string, value: string | null | undefined): ReactNode => {
    if (field === "kind") return name("employer_kinds", value);
    if (field === "legal_representative_id_type") return name("id_types", value);
    return orNothing(value);
  };
  return (
    <>
      {change.refusal != null && <Alert type="warning" showIcon title="审核通过，但未能生效" description={`${change.refusal}。如仍需变更请联系经办机构。`} />}
      <section className={styles.block} aria-label="变更内容">
        <h3>变更内容</h3>
        <Table
          size="small"
          pagination={false}
          rowKey={(one) => one.field}
          dataSource={change.changes}
          columns={[
            { title: "变更事项", dataIndex: "field", width: 150, render: changedField },
            { title: change.status === "pending" ? "现登记内容" : "变更前", key: "before", render: (_, one) => said(one.field, one.before) },
            {
              title: "变更后",
              key: "after",
              className: styles.after ?? "",
              render: (_, one) =>
                one.field === "legal_representative_id_number" && number ? number(one.after) : said(one.field, one.after),
            },
          ]}
        />
      </section>
      {change.remark && (
        <section className={styles.block} aria-label="变更说明">
          <h3>变更说明</h3>
          <div>{change.remark}</div>
        </section>
      )}
      <section className={styles.block} aria-label="证明材料">
        <h3>附件</h3>
        <AttachmentList files={change.attachments} urlOf={urlOf} />
      </section>
    </>
  );
}
