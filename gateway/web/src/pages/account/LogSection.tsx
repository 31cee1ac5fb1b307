/** 安全日志: what happened to the own account. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Table } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Row } from "@/api/types";
import { orNothing, showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";

import { Card } from "./Card";

type Entry = Row<"/api/identity/account/security-log", "get">;

const PAGE_SIZE = 10;

export function LogSection() {
  const [page, setPage] = useState(1);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["security-log", page],
    queryFn: () => call(api.GET("/api/identity/account/security-log", { params: { query: { page, page_size: PAGE_SIZE } } })),
    placeholderData: keepPreviousData,
  });
  return (
    <Card title="安全日志" note="登录与账号设置的全部记录，不可修改。">
      {error && <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />}
      <Table<Entry>
        size="small"
        rowKey={(row) => row.at + row.action}
        loading={isFetching && !data}
        dataSource={data?.items ?? []}
        scroll={{ x: "max-content" }}
        pagination={{ size: "small", current: page, pageSize: PAGE_SIZE, total: data?.total ?? 0, showSizeChanger: false, onChange: setPage, hideOnSinglePage: true }}
        columns={[
          { title: "时间", dataIndex: "at", render: showMoment },
          { title: "事项", dataIndex: "title" },
          { title: "说明", dataIndex: "detail", render: orNothing },
        ]}
      />
    </Card>
  );
}
