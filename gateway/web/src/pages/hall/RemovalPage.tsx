/** 参保人员减员申报: find the person who leaves, declare it in the row's dialog. */
import { Button, Tag, Tooltip } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { RemovableRow } from "@/api/types";
import { useNames } from "@/fields/dictionaries";
import { showMonth } from "@/fields/format";
import { LookupPage } from "@/patterns/LookupPage";

import { BatchButtons } from "./BatchButtons";
import { RemovalDialog } from "./RemovalDialog";
import { askedFor, StatusBadge, WhoFields, type WhoConditions } from "./whom";

/** What the hall said beside the list. */
interface Said {
  stopMonth: string;
  pendingAddition: string | null;
}

export default function RemovalPage() {
  const name = useNames();
  const [said, setSaid] = useState<Said>();
  const [leaving, setLeaving] = useState<RemovableRow>();
  const search = async (conditions: WhoConditions, page: number, page_size: number) => {
    const found = await call(api.POST("/api/enrollment/removals/searches", { body: { ...askedFor(conditions), page, page_size } }));
    setSaid({ stopMonth: found.stop_month, pendingAddition: found.pending_addition_no ?? null });
    return found;
  };
  return (
    <>
      <LookupPage<WhoConditions, RemovableRow>
        title="参保人员减员申报"
        hint="停保月份仅限当月：停保当月的费用不再缴纳，职工待遇保留至当月月底。提交后由经办机构审核。"
        extra={<BatchButtons kind="removal" />}
        queryKey="removable"
        rowKey={(row) => row.person_id}
        search={search}
        refuse={(asked) => (Object.keys(askedFor(asked)).length === 0 ? "查询条件必须输入证件号码或姓名" : undefined)}
        emptyText={
          said?.pendingAddition
            ? `该证件号码的增员申报（流水号 ${said.pendingAddition}）尚未审核，如不再参保请在“待审核数据”中撤销`
            : "没有符合条件的在保人员"
        }
        conditions={<WhoFields />}
        columns={[
          { title: "姓名", dataIndex: "name" },
          { title: "证件号码", dataIndex: "id_number_masked" },
          {
            title: "险种类型",
            dataIndex: "insurances",
            width: 300,
            ellipsis: true,
            render: (codes: readonly string[]) => codes.map((code) => name("insurance_types", code)).join("、"),
          },
          { title: "参保起始月", dataIndex: "start_month", render: showMonth },
          { title: "参保状态", dataIndex: "status", render: (status: string) => <StatusBadge status={status} /> },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) =>
              row.pending_no == null ? (
                <Button type="link" size="small" onClick={() => setLeaving(row)}>减员申报</Button>
              ) : (
                <Tooltip title={`申报流水号 ${row.pending_no}`}>
                  <Tag color="processing">减员待审核</Tag>
                </Tooltip>
              ),
          },
        ]}
      />
      {leaving && said && <RemovalDialog who={leaving} stopMonth={said.stopMonth} onClose={() => setLeaving(undefined)} />}
    </>
  );
}
