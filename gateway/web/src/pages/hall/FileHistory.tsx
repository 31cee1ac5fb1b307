/** What was uploaded before, and what became of it: a table of files, newest first. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Empty, Table, type TableColumnsType } from "antd";
import { useState } from "react";

import { asProblem } from "@/api/problem";
import { showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./BatchPage.module.css";

const PAGE_SIZE = 10;

interface Uploaded {
  id: string;
  file_name: string;
  uploaded_at: string;
}

interface Props<F extends Uploaded> {
  title: string;
  emptyText: string;
  queryKey: readonly string[];
  find: (query: { page: number; page_size: number }) => Promise<{ items: F[]; total: number }>;
  /** Whether it will change by itself. */
  underWay: (file: F) => boolean;
  /** Between the time of the upload and what can be done. */
  columns: TableColumnsType<F>;
  onShow: (file: F) => void;
}

export function FileHistory<F extends Uploaded>({ title, emptyText, queryKey, find, underWay, columns, onShow }: Props<F>) {
  const [page, setPage] = useState(1);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: [...queryKey, page],
    queryFn: () => find({ page, page_size: PAGE_SIZE }),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data?.items.some(underWay) ? 1500 : false),
  });
  return (
    <section className={styles.card} aria-label={title} aria-busy={isFetching}>
      <h2 className={styles.file}>{title}</h2>
      {error ? (
        <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />
      ) : (
        <Table<F>
          size="middle"
          rowKey={(row) => row.id}
          dataSource={data?.items ?? []}
          loading={isFetching && data === undefined}
          scroll={{ x: "max-content" }}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={emptyText} /> }}
          columns={[
            { title: "文件", dataIndex: "file_name", ellipsis: true, width: 280 },
            { title: "上传时间", dataIndex: "uploaded_at", render: showMoment },
            ...columns,
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
