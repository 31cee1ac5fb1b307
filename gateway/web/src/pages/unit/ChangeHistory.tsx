/** The unit's change requests and what became of them. */
import { useQuery } from "@tanstack/react-query";
import { Drawer, Table, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import { orNothing, showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";

import { ChangeFacts } from "./ChangeFacts";
import { CHANGE_STATES, changedField, type Change } from "./changes";

const PAGE_SIZE = 10;

export function ChangeHistory({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Drawer open={open} onClose={onClose} size="min(960px, 100vw)" title="单位信息变更记录" destroyOnHidden>
      {open && <History />}
    </Drawer>
  );
}

function History() {
  const [page, setPage] = useState(1);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["registration-changes", page],
    queryFn: () => call(api.GET("/api/employer/registration-changes", { params: { query: { page, page_size: PAGE_SIZE } } })),
    staleTime: 0,
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  return (
    <Table<Change>
      size="middle"
      rowKey={(change) => change.id}
      loading={isFetching && data === undefined}
      dataSource={data?.items ?? []}
      scroll={{ x: "max-content" }}
      expandable={{
        expandedRowRender: (change) => (
          <ChangeFacts change={change} urlOf={(file) => `/api/employer/registration-changes/${change.id}/attachments/${file.id}/file`} />
        ),
      }}
      columns={[
        { title: "提交时间", dataIndex: "requested_at", render: showMoment },
        { title: "变更事项", key: "fields", render: (_, { changes }) => changes.map((one) => changedField(one.field)).join("、") },
        { title: "状态", dataIndex: "status", render: (status: Change["status"]) => <Tag color={CHANGE_STATES[status][1]}>{CHANGE_STATES[status][0]}</Tag> },
        { title: "申报流水号", dataIndex: "application_no", className: "figures", render: orNothing },
        { title: "办结时间", dataIndex: "ended_at", render: showMoment },
      ]}
      pagination={{ current: page, pageSize: PAGE_SIZE, total: data?.total ?? 0, hideOnSinglePage: true, onChange: setPage }}
    />
  );
}
