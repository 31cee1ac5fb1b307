/** 批次记录: what the unit uploaded, and what became of it. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Empty, Table, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Batch, BatchKind } from "@/api/types";
import { orNothing, showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";

import { STAGES, underWay } from "./batches";
import styles from "./BatchPage.module.css";

const PAGE_SIZE = 10;

export function BatchHistory({ kind, onShow }: { kind: BatchKind; onShow: (batch: Batch) => void }) {
  const [page, setPage] = useState(1);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["batches", kind, page],
    queryFn: () => call(api.GET("/api/enrollment/batches", { params: { query: { kind, page, page_size: PAGE_SIZE } } })),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data?.items.some(underWay) ? 1500 : false),
  });
  return (
    <section className={styles.card} aria-label="批次记录" aria-busy={isFetching}>
      <h2 className={styles.file}>批次记录</h2>
      {error ? (
        <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />
      ) : (
        <Table<Batch>
          size="middle"
          rowKey={(row) => row.id}
          dataSource={data?.items ?? []}
          loading={isFetching && data === undefined}
          scroll={{ x: "max-content" }}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有上传过文件" /> }}
          columns={[
            { title: "文件", dataIndex: "file_name", ellipsis: true, width: 280 },
            { title: "上传时间", dataIndex: "uploaded_at", render: showMoment },
            {
              title: "状态",
              dataIndex: "stage",
              render: (stage: Batch["stage"]) => <Tag color={STAGES[stage][1]}>{STAGES[stage][0]}</Tag>,
            },
            { title: "总人数", dataIndex: "total", align: "right", render: orNothing },
            { title: "可提交", dataIndex: "good", align: "right", render: orNothing },
            { title: "有误", dataIndex: "bad", align: "right", render: orNothing },
            { title: "已提交", dataIndex: "submitted", align: "right", render: orNothing },
            {
              title: "操作",
              key: "actions",
              fixed: "right",
              render: (_, row) => <Button type="link" size="small" onClick={() => onShow(row)}>查看</Button>,
            },
          ]}
          pagination={
            (data?.total ?? 0) <= PAGE_SIZE
              ? false
              : { current: page, pageSize: PAGE_SIZE, total: data?.total ?? 0, showSizeChanger: false, onChange: setPage }
          }
        />
      )}
    </section>
  );
}
