/** 到账批次: the files that were uploaded, and what became of them. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Empty, Table, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ReceiptImport } from "@/api/types";
import { showMoment } from "@/fields/format";
import styles from "@/pages/hall/BatchPage.module.css";
import { ProblemNote } from "@/patterns/ProblemNote";

import { bookable, linesOf, RECEIPT_STAGES, underWay } from "./receipts";

const PAGE_SIZE = 10;

export function ReceiptHistory({ onShow }: { onShow: (found: ReceiptImport) => void }) {
  const [page, setPage] = useState(1);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["receipt-imports", page],
    queryFn: () => call(api.GET("/api/employer/receipt-imports", { params: { query: { page, page_size: PAGE_SIZE } } })),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data?.items.some(underWay) ? 1500 : false),
  });
  return (
    <section className={styles.card} aria-label="到账批次记录" aria-busy={isFetching}>
      <h2 className={styles.file}>到账批次记录</h2>
      {error ? (
        <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />
      ) : (
        <Table<ReceiptImport>
          size="middle"
          rowKey={(row) => row.id}
          dataSource={data?.items ?? []}
          loading={isFetching && data === undefined}
          scroll={{ x: "max-content" }}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有导入过到账文件" /> }}
          columns={[
            { title: "文件", dataIndex: "file_name", ellipsis: true, width: 280 },
            { title: "上传时间", dataIndex: "uploaded_at", render: showMoment },
            { title: "上传人", dataIndex: "uploaded_by_name" },
            {
              title: "状态",
              dataIndex: "stage",
              render: (stage: ReceiptImport["stage"]) => <Tag color={RECEIPT_STAGES[stage][1]}>{RECEIPT_STAGES[stage][0]}</Tag>,
            },
            { title: "行数", dataIndex: "total", align: "right" },
            { title: "可入账", key: "bookable", align: "right", render: (_, row) => bookable(row) },
            { title: "未匹配", key: "unknown", align: "right", render: (_, row) => linesOf(row, "unknown") },
            { title: "重复", key: "duplicate", align: "right", render: (_, row) => linesOf(row, "duplicate") },
            { title: "有误", key: "faulty", align: "right", render: (_, row) => linesOf(row, "faulty") },
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
