/** The accounts that the unit has and had, numbers masked. */
import { useQuery } from "@tanstack/react-query";
import { Drawer, Table, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Row } from "@/api/types";
import { showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";

type Account = Row<"/api/employer/unit/bank-accounts", "get">;
const PAGE_SIZE = 10;

export function BankAccountHistory({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Drawer open={open} onClose={onClose} size="min(860px, 100vw)" title="银行账户变更记录" destroyOnHidden>
      {open && <History />}
    </Drawer>
  );
}

function History() {
  const [page, setPage] = useState(1);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["bank-accounts", page],
    queryFn: () => call(api.GET("/api/employer/unit/bank-accounts", { params: { query: { page, page_size: PAGE_SIZE } } })),
    staleTime: 0,
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  return (
    <Table<Account>
      size="middle"
      rowKey={(account) => account.number}
      loading={isFetching && data === undefined}
      dataSource={data?.items ?? []}
      scroll={{ x: "max-content" }}
      columns={[
        { title: "开户行", dataIndex: "branch_name" },
        { title: "户名", dataIndex: "account_name" },
        { title: "账号", dataIndex: "account_number_masked", className: "figures" },
        { title: "登记时间", dataIndex: "since", render: showMoment },
        { title: "停用时间", dataIndex: "until", render: (until: string | null) => (until === null ? <Tag color="success">现用</Tag> : showMoment(until)) },
      ]}
      pagination={{ current: page, pageSize: PAGE_SIZE, total: data?.total ?? 0, hideOnSinglePage: true, onChange: setPage }}
    />
  );
}
