/** 变更记录: what this unit changed of a person, newest first. */
import { useQuery } from "@tanstack/react-query";
import { Drawer, Empty, Pagination, Skeleton, Table } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { MaintainedRow, PersonChange } from "@/api/types";
import { orNothing, showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./PersonHistory.module.css";

const PAGE_SIZE = 10;

export function PersonHistory({ who, onClose }: { who: MaintainedRow | undefined; onClose: () => void }) {
  return (
    <Drawer open={who !== undefined} onClose={onClose} size="min(720px, 100vw)" title={`变更记录${who ? `：${who.name}` : ""}`} destroyOnHidden>
      {who && <Changes id={who.person_id} />}
    </Drawer>
  );
}

function Changes({ id }: { id: string }) {
  const [page, setPage] = useState(1);
  const { data, error, refetch } = useQuery({
    queryKey: ["person-changes", id, page],
    queryFn: () =>
      call(api.GET("/api/enrollment/people/{person_id}/changes", { params: { path: { person_id: id }, query: { page, page_size: PAGE_SIZE } } })),
    staleTime: 0,
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  if (!data) return <Skeleton active />;
  if (data.total === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="本单位还没有修改过该人员的信息" />;
  return (
    <div className={styles.changes}>
      {data.items.map((change) => (
        <Change key={change.changed_at + change.changed_by} change={change} />
      ))}
      {data.total > PAGE_SIZE && <Pagination size="small" current={page} pageSize={PAGE_SIZE} total={data.total} onChange={setPage} showSizeChanger={false} />}
    </div>
  );
}

function Change({ change }: { change: PersonChange }) {
  return (
    <section>
      <h3>
        <span className="figures">{showMoment(change.changed_at)}</span>
        <small>
          {change.source === "addition" ? `增员申报 ${change.application_no ?? ""} 审核通过` : "信息维护"}，
          {change.by_me ? "本人办理" : `本单位其他账号办理（账号尾号 ${change.changed_by.slice(-6)}）`}
        </small>
      </h3>
      <Table
        size="small"
        pagination={false}
        rowKey={(field) => field.field}
        dataSource={change.changes}
        columns={[
          { title: "项目", dataIndex: "title", width: 140 },
          { title: "变更前", dataIndex: "before", render: orNothing },
          {
            title: "变更后",
            dataIndex: "after",
            render: (after: string | null, field) => (
              <>
                {orNothing(after)}
                {after === field.before && <small className={styles.hidden}>号码已变更，仅隐去的部分不同</small>}
              </>
            ),
          },
        ]}
      />
    </section>
  );
}
