/** 职工缴费明细: find an employee, then month by month what was due and received. */
import { useQuery } from "@tanstack/react-query";
import { Badge, Button, Drawer, Skeleton, Statistic, Table } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Answer, RosterRow } from "@/api/types";
import { MonthField } from "@/fields/DateField";
import { useNames } from "@/fields/dictionaries";
import { orNothing, showDate, showMoney, showMonth } from "@/fields/format";
import { LookupPage } from "@/patterns/LookupPage";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./ContributionsPage.module.css";
import { ExportButton } from "./ExportButton";
import { PAYMENT_BADGES } from "./payment";
import { findPeople, type PeopleConditions } from "./people";
import { WhoFields } from "./whom";

type Ledger = Answer<"/api/employer/contributions/people/{person_id}", "get">;

export default function ContributionsPage() {
  const [shown, setShown] = useState<RosterRow>();
  return (
    <>
      <LookupPage<PeopleConditions, RosterRow>
        title="职工缴费明细"
        hint="先按证件号码或姓名查找职工，再查看其逐月缴费明细。"
        queryKey="contribution-people"
        rowKey={(row) => row.person_id}
        search={findPeople}
        refuse={({ id_number, name }) => (id_number || name?.trim() ? undefined : "请输入证件号码或姓名后再查询")}
        emptyText="没有找到这样的职工"
        conditions={<WhoFields />}
        columns={[
          { title: "姓名", dataIndex: "name" },
          { title: "证件号码", dataIndex: "id_number_masked" },
          { title: "参保起始月", dataIndex: "start_month", render: showMonth },
          { title: "月缴费工资（元）", dataIndex: "monthly_wage", align: "right", render: showMoney },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) => <Button type="link" size="small" onClick={() => setShown(row)}>查看缴费明细</Button>,
          },
        ]}
      />
      <Drawer open={shown !== undefined} onClose={() => setShown(undefined)} size={1000} title={`缴费明细${shown ? `：${shown.name}` : ""}`} destroyOnHidden>
        {shown && <PersonLedger person={shown} />}
      </Drawer>
    </>
  );
}

function PersonLedger({ person }: { person: RosterRow }) {
  const [months, setMonths] = useState<{ from?: string | undefined; to?: string | undefined }>({});
  const { data, error, refetch } = useQuery({
    queryKey: ["ledger", person.person_id, months],
    queryFn: () =>
      call(
        api.GET("/api/employer/contributions/people/{person_id}", {
          params: {
            path: { person_id: person.person_id },
            query: { ...(months.from && { from_month: months.from }), ...(months.to && { to_month: months.to }) },
          },
        }),
      ),
  });
  return (
    <>
      <div className={styles.range}>
        <span id="ledger-range">费款所属期</span>
        <MonthField value={months.from ?? null} onChange={(from) => setMonths({ ...months, from })} placeholder="起始月" />
        <span>至</span>
        <MonthField value={months.to ?? null} onChange={(to) => setMonths({ ...months, to })} placeholder="截止月" />
      </div>
      <div className={styles.actions}>
        <ExportButton form={data && data.items.length > 0 ? { kind: "person_contributions", person_id: person.person_id, ...rangeOf(data, months) } : undefined} />
      </div>
      {error ? (
        <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />
      ) : data ? (
        <LedgerTable ledger={data} />
      ) : (
        <Skeleton active />
      )}
    </>
  );
}

/** The months that are shown: those asked for, or from the oldest to the newest row. */
function rangeOf(ledger: Ledger, { from, to }: { from?: string | undefined; to?: string | undefined }) {
  return { from_month: from ?? ledger.items.at(-1)?.month ?? "", to_month: to ?? ledger.items[0]?.month ?? "" };
}

function LedgerTable({ ledger }: { ledger: Ledger }) {
  const name = useNames();
  return (
    <>
      <div className={styles.sums}>
        <Statistic title="单位应缴合计（元）" value={showMoney(ledger.totals.employer_amount)} />
        <Statistic title="个人应缴合计（元）" value={showMoney(ledger.totals.own_amount)} />
        <Statistic title="应缴总计（元）" value={showMoney(ledger.totals.amount_total)} />
      </div>
      <Table
        size="small"
        rowKey={(row) => `${row.month} ${row.insurance} ${row.entry}`}
        dataSource={ledger.items}
        pagination={{ pageSize: 24, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: "这一时段没有缴费记录" }}
        columns={[
          { title: "费款所属期", dataIndex: "month", render: showMonth },
          { title: "险种类型", dataIndex: "insurance_name" },
          { title: "缴费基数", dataIndex: "base", align: "right", render: showMoney },
          { title: "单位应缴", dataIndex: "employer_amount", align: "right", render: showMoney },
          { title: "个人应缴", dataIndex: "own_amount", align: "right", render: showMoney },
          { title: "合计", dataIndex: "amount_total", align: "right", render: showMoney },
          {
            title: "到账状态",
            dataIndex: "status",
            render: (status: keyof typeof PAYMENT_BADGES) => <Badge status={PAYMENT_BADGES[status]} text={name("payment_statuses", status)} />,
          },
          { title: "到账日期", dataIndex: "received_on", render: showDate },
          { title: "更正原因", dataIndex: "reason", render: orNothing },
        ]}
      />
    </>
  );
}
