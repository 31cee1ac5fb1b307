/** 单位缴费明细: by month and insurance type, and what lies behind each of them. */
import { Badge, Button, Form, Statistic } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { UnitMonth, UnitMonths } from "@/api/types";
import { CodeSelect } from "@/fields/CodeSelect";
import { MonthField } from "@/fields/DateField";
import { showDate, showMoney, showMonth } from "@/fields/format";
import { LookupPage } from "@/patterns/LookupPage";

import styles from "./ContributionsPage.module.css";
import { ExportButton } from "./ExportButton";
import { PAYMENT_BADGES } from "./payment";
import { UnitMonthDrawer } from "./UnitMonthDrawer";

interface Conditions {
  from_month?: string;
  to_month?: string;
  insurance?: string;
}

export default function UnitContributionsPage() {
  const [shown, setShown] = useState<UnitMonth>();
  const [found, setFound] = useState<UnitMonths>();
  return (
    <>
      <LookupPage<Conditions, UnitMonth>
        title="单位缴费明细"
        hint="按费款所属期或险种类型查询本单位应缴与到账情况；不选月份时为最近十二个月。"
        queryKey="unit-months"
        searchAtOnce
        rowKey={(row) => `${row.month} ${row.insurance}`}
        emptyText="这一时段没有核定记录"
        search={async ({ from_month, to_month, insurance }, page, page_size) => {
          const answer = await call(
            api.GET("/api/employer/contributions/months", {
              params: {
                query: { page, page_size, ...(from_month && { from_month }), ...(to_month && { to_month }), ...(insurance && { insurance }) },
              },
            }),
          );
          setFound(answer);
          return answer;
        }}
        conditions={
          <>
            <Form.Item name="from_month" label="费款所属期起">
              <MonthField placeholder="起始月" />
            </Form.Item>
            <Form.Item name="to_month" label="费款所属期止">
              <MonthField placeholder="截止月" />
            </Form.Item>
            <Form.Item name="insurance" label="险种类型">
              <CodeSelect table="insurance_types" allowClear placeholder="全部" />
            </Form.Item>
          </>
        }
        footer={(items) => items.length > 0 && found && <Totals totals={found.totals} />}
        actions={({ insurance } = {}, total) => (
          <ExportButton
            form={
              found && total > 0
                ? { kind: "employer_contributions", from_month: found.from_month, to_month: found.to_month, ...(insurance && { insurance }) }
                : undefined
            }
          />
        )}
        columns={[
          { title: "费款所属期", dataIndex: "month", render: showMonth },
          { title: "险种类型", dataIndex: "insurance_name" },
          { title: "人数", dataIndex: "people", align: "right" },
          { title: "缴费基数合计", dataIndex: "base", align: "right", render: showMoney },
          { title: "单位应缴", dataIndex: "employer_amount", align: "right", render: showMoney },
          { title: "个人应缴", dataIndex: "own_amount", align: "right", render: showMoney },
          { title: "应缴合计", dataIndex: "amount_total", align: "right", render: showMoney },
          { title: "已到账", dataIndex: "received", align: "right", render: showMoney },
          { title: "到账日期", dataIndex: "received_on", render: showDate },
          {
            title: "到账状态",
            dataIndex: "status_name",
            render: (name: string, { status }) => <Badge status={PAYMENT_BADGES[status]} text={name} />,
          },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) => <Button type="link" size="small" onClick={() => setShown(row)}>详情</Button>,
          },
        ]}
      />
      <UnitMonthDrawer row={shown} onClose={() => setShown(undefined)} />
    </>
  );
}

function Totals({ totals }: { totals: UnitMonths["totals"] }) {
  return (
    <div className={styles.sums} aria-label="全部结果合计">
      <Statistic title="单位应缴合计（元）" value={showMoney(totals.employer_amount)} />
      <Statistic title="个人应缴合计（元）" value={showMoney(totals.own_amount)} />
      <Statistic title="应缴总计（元）" value={showMoney(totals.amount_total)} />
    </div>
  );
}
