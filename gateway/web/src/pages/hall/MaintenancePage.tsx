/** 参保人员信息维护: find a person insured with the unit, edit household and contact data, see what was changed. */
import { Button, Space } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { MaintainedRow } from "@/api/types";
import { useNames } from "@/fields/dictionaries";
import { showMonth } from "@/fields/format";
import { LookupPage } from "@/patterns/LookupPage";

import { PersonDialog } from "./PersonDialog";
import { PersonHistory } from "./PersonHistory";
import { askedFor, StatusBadge, WhoFields, type WhoConditions } from "./whom";

export default function MaintenancePage() {
  const name = useNames();
  const [edited, setEdited] = useState<MaintainedRow>();
  const [history, setHistory] = useState<MaintainedRow>();
  return (
    <>
      <LookupPage<WhoConditions, MaintainedRow>
        title="参保人员信息维护"
        hint="维护本单位在保人员的户籍与联系信息，提交后立即生效。姓名、证件号码等变更请到经办机构窗口办理。"
        queryKey="maintained"
        rowKey={(row) => row.person_id}
        search={(conditions, page, page_size) =>
          call(api.POST("/api/enrollment/people/searches", { body: { ...askedFor(conditions), page, page_size } }))
        }
        emptyText="没有符合条件的在保人员"
        conditions={<WhoFields />}
        columns={[
          { title: "姓名", dataIndex: "name" },
          { title: "证件号码", dataIndex: "id_number_masked" },
          { title: "性别", dataIndex: "sex", render: (sex: string) => name("sexes", sex) },
          { title: "参保起始月", dataIndex: "start_month", render: showMonth },
          { title: "参保状态", dataIndex: "status", render: (status: string) => <StatusBadge status={status} /> },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) => (
              <Space size={0}>
                <Button type="link" size="small" onClick={() => setEdited(row)}>编辑</Button>
                <Button type="link" size="small" onClick={() => setHistory(row)}>变更记录</Button>
              </Space>
            ),
          },
        ]}
      />
      {edited && <PersonDialog key={edited.person_id} id={edited.person_id} onClose={() => setEdited(undefined)} />}
      <PersonHistory who={history} onClose={() => setHistory(undefined)} />
    </>
  );
}
