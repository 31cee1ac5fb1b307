/** One month and insurance type of the unit: its statements, what arrived for them, and the people, page by page. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, Badge, Drawer, Skeleton, Table } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Answer, Row, UnitMonth } from "@/api/types";
import { orNothing, showDate, showMoment, showMoney, showMonth } from "@/fields/format";
import { LongPager } from "@/patterns/LongPager";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./ContributionsPage.module.css";
import { PAYMENT_BADGES } from "./payment";

type Detail = Answer<"/api/employer/contributions/months/{month}/{insurance}", "get">;
type PersonRow = Row<"/api/employer/contributions/months/{month}/{insurance}/people", "get">;
type NamedRow = PersonRow & { name: string; id_number_masked: string };

const PAGE_SIZES = [20, 50, 100];

export function UnitMonthDrawer({ row, onClose }: { row: UnitMonth | undefined; onClose: () => void }) {
  return (
    <Drawer
      open={row !== undefined}
      onClose={onClose}
      size="min(1080px, 100vw)"
      title={row && `缴费明细：${showMonth(row.month)} ${row.insurance_name}`}
      destroyOnHidden
    >
      {row && (
        <>
          <Statements row={row} />
          <People row={row} />
        </>
      )}
    </Drawer>
  );
}

function Statements({ row: { month, insurance } }: { row: UnitMonth }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["unit-month", month, insurance],
    queryFn: () => call(api.GET("/api/employer/contributions/months/{month}/{insurance}", { params: { path: { month, insurance } } })),
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  if (!data) return <Skeleton active />;
  return (
    <>
      {Number(data.overpaid) > 0 && (
        <Alert className={styles.note ?? ""} type="info" showIcon title={`多缴 ${showMoney(data.overpaid)} 元，留待抵用该所属期、该险种以后的补缴。`} />
      )}
      <h3>核定单</h3>
      <Table<Detail["statements"][number]>
        size="small"
        rowKey={(one) => one.assessed_at}
        dataSource={data.statements}
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: "核定时间", dataIndex: "assessed_at", render: showMoment },
          { title: "人数", dataIndex: "people", align: "right" },
          { title: "缴费基数合计", dataIndex: "base", align: "right", render: showMoney },
          { title: "单位应缴", dataIndex: "employer_amount", align: "right", render: showMoney },
          { title: "个人应缴", dataIndex: "own_amount", align: "right", render: showMoney },
          { title: "合计", dataIndex: "amount_total", align: "right", render: showMoney },
          { title: "已到账", dataIndex: "received", align: "right", render: showMoney },
          {
            title: "到账状态",
            dataIndex: "status_name",
            render: (name: string, { status }) => <Badge status={PAYMENT_BADGES[status]} text={name} />,
          },
        ]}
      />
      <h3>到账记录</h3>
      <Table<Detail["receipts"][number]>
        size="small"
        rowKey={(one) => one.reference}
        dataSource={data.receipts}
        pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: "尚未到账" }}
        columns={[
          { title: "到账日期", dataIndex: "received_on", render: showDate },
          { title: "缴款流水号", dataIndex: "reference" },
          { title: "金额", dataIndex: "amount", align: "right", render: showMoney },
        ]}
      />
    </>
  );
}

function People({ row: { month, insurance } }: { row: UnitMonth }) {
  const [paging, setPaging] = useState<{ size: number; trail: readonly string[] }>({ size: 20, trail: [] });
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["unit-month-people", month, insurance, paging],
    queryFn: () => findPeople(month, insurance, paging.size, paging.trail.at(-1)),
    placeholderData: keepPreviousData,
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  return (
    <section aria-label="人员明细" aria-busy={isFetching}>
      <h3>人员明细</h3>
      <Table<NamedRow>
        size="small"
        rowKey={(one) => `${one.person_id} ${one.entry}`}
        dataSource={data?.items ?? []}
        loading={isFetching && data === undefined}
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: "姓名", dataIndex: "name" },
          { title: "证件号码", dataIndex: "id_number_masked" },
          { title: "缴费基数", dataIndex: "base", align: "right", render: showMoney },
          { title: "单位应缴", dataIndex: "employer_amount", align: "right", render: showMoney },
          { title: "个人应缴", dataIndex: "own_amount", align: "right", render: showMoney },
          { title: "合计", dataIndex: "amount_total", align: "right", render: showMoney },
          {
            title: "到账状态",
            dataIndex: "status_name",
            render: (name: string, { status }) => <Badge status={PAYMENT_BADGES[status]} text={name} />,
          },
          { title: "更正原因", dataIndex: "reason", render: orNothing },
        ]}
      />
      {(paging.trail.length > 0 || data?.next) && (
        <LongPager
          page={paging.trail.length + 1}
          size={paging.size}
          sizes={PAGE_SIZES}
          busy={isFetching}
          onSize={(size) => setPaging({ size, trail: [] })}
          {...(paging.trail.length > 0 && { onBack: () => setPaging(({ size, trail }) => ({ size, trail: trail.slice(0, -1) })) })}
          {...(data?.next && { onNext: () => setPaging(({ size, trail }) => ({ size, trail: [...trail, data.next as string] })) })}
        />
      )}
    </section>
  );
}

/** Rows from the ledger, which knows people by id, with their names from the roster. */
async function findPeople(month: string, insurance: string, limit: number, after: string | undefined) {
  const { items, next } = await call(
    api.GET("/api/employer/contributions/months/{month}/{insurance}/people", {
      params: { path: { month, insurance }, query: { limit, ...(after && { after }) } },
    }),
  );
  if (items.length === 0) return { items: [], next: null };
  const person_ids = [...new Set(items.map((row) => row.person_id))];
  const people = await call(api.POST("/api/enrollment/roster/names", { body: { person_ids } }));
  const known = new Map(people.map((person) => [person.person_id, person]));
  const named = items.map((row): NamedRow => {
    const person = known.get(row.person_id);
    return { ...row, name: person?.name ?? "—", id_number_masked: person?.id_number_masked ?? "—" };
  });
  return { items: named, next };
}
