/** 费率与基数: what holds, what is proposed; one operator proposes, another approves. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Skeleton, Table, Tabs } from "antd";
import { useState } from "react";

import { asProblem } from "@/api/problem";
import type { RateTable } from "@/api/types";
import { showMoney, showMonth } from "@/fields/format";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./DecisionSettingsPage.module.css";
import { LimitsDialog, RateDialog } from "./RateDialogs";
import { RateChanges } from "./RateChanges";
import { ratesQuery } from "./rates";
import { showShare } from "./shares";

export default function RatesPage() {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(ratesQuery);
  const [asking, setAsking] = useState<"rate" | "limits">();
  const done = () => {
    setAsking(undefined);
    void queries.invalidateQueries({ queryKey: ["rate-changes"] });
  };
  return (
    <div className={styles.page}>
      <PageHead title="费率与基数" hint="调整由一名经办管理员提出、另一名审批后生效；已核定的月份不会改变。" />
      <section className={styles.card} aria-label="费率与基数">
        {error ? (
          <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />
        ) : data ? (
          <>
            {data.newest_assessed && (
              <Alert className={styles.note ?? ""} type="info" showIcon title={`最近核定到 ${showMonth(data.newest_assessed)}，调整只能从其后的月份开始。`} />
            )}
            <Tabs
              items={[
                { key: "rates", label: "费率", children: <Rates table={data} onPropose={() => setAsking("rate")} /> },
                { key: "limits", label: "缴费基数上下限", children: <Limits table={data} onPropose={() => setAsking("limits")} /> },
                { key: "changes", label: "调整与审批", children: <RateChanges table={data} /> },
              ]}
            />
          </>
        ) : (
          <Skeleton active />
        )}
      </section>
      <RateDialog open={asking === "rate"} onDone={done} onClose={() => setAsking(undefined)} />
      <LimitsDialog open={asking === "limits"} onDone={done} onClose={() => setAsking(undefined)} />
    </div>
  );
}

const until = (month: string | null): string => (month ? showMonth(month) : "长期");

function Rates({ table, onPropose }: { table: RateTable; onPropose: () => void }) {
  const named = (pairs: [string, string][]) =>
    [...new Map(pairs)].map(([value, text]) => ({ value, text }));
  return (
    <Table<RateTable["rates"][number]>
      size="middle"
      rowKey={(rate) => `${rate.insurance} ${rate.employer_kind} ${rate.first_month}`}
      dataSource={table.rates}
      title={() => <Button type="primary" onClick={onPropose}>提出费率调整</Button>}
      pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
      scroll={{ x: "max-content" }}
      columns={[
        {
          title: "险种类型",
          dataIndex: "insurance_name",
          filters: named(table.rates.map((rate) => [rate.insurance, rate.insurance_name])),
          onFilter: (code, rate) => rate.insurance === code,
        },
        {
          title: "单位类型",
          dataIndex: "employer_kind_name",
          filters: named(table.rates.map((rate) => [rate.employer_kind, rate.employer_kind_name])),
          onFilter: (code, rate) => rate.employer_kind === code,
        },
        { title: "执行起始月", dataIndex: "first_month", render: showMonth },
        { title: "执行截止月", dataIndex: "last_month", render: until },
        { title: "单位费率", dataIndex: "employer_rate", align: "right", render: showShare },
        { title: "个人费率", dataIndex: "own_rate", align: "right", render: showShare },
        { title: "单位定额（元）", dataIndex: "employer_fixed", align: "right", render: showMoney },
        { title: "个人定额（元）", dataIndex: "own_fixed", align: "right", render: showMoney },
        { title: "取整", dataIndex: "rounding_name" },
        { title: "依据", dataIndex: "source", ellipsis: true, width: 240 },
      ]}
    />
  );
}

function Limits({ table, onPropose }: { table: RateTable; onPropose: () => void }) {
  return (
    <Table<RateTable["limits"][number]>
      size="middle"
      rowKey={(limit) => limit.year}
      dataSource={table.limits}
      title={() => <Button type="primary" onClick={onPropose}>提出基数调整</Button>}
      pagination={false}
      scroll={{ x: "max-content" }}
      columns={[
        { title: "年度", dataIndex: "year" },
        { title: "缴费基数下限（元）", dataIndex: "lower", align: "right", render: showMoney },
        { title: "缴费基数上限（元）", dataIndex: "upper", align: "right", render: showMoney },
        { title: "依据", dataIndex: "source" },
      ]}
    />
  );
}
