/** 我的缴费明细: month by month what was due and received, at whichever unit, with sums. */
import { Badge } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { OwnContributions } from "@/api/types";
import { showMoney, showMonth } from "@/fields/format";
import { MonthPair } from "@/fields/MonthPair";
import { PAYMENT_BADGES } from "@/pages/hall/payment";
import { LookupPage } from "@/patterns/LookupPage";

import styles from "./person.module.css";
import { Recognised } from "./Recognised";

type Row = OwnContributions["items"][number];

interface Conditions {
  from_month?: string;
  to_month?: string;
}

export default function OwnContributionsPage() {
  return (
    <Recognised>
      <Contributions />
    </Recognised>
  );
}

function Contributions() {
  const [totals, setTotals] = useState<OwnContributions["totals"]>();
  return (
    <LookupPage<Conditions, Row>
      title="我的缴费明细"
      hint="不选费款所属期时显示最近12个月，一次最多查询120个月。"
      queryKey="own-contributions"
      searchAtOnce
      rowKey={(row) => `${row.month} ${row.insurance} ${row.employer_no} ${row.base} ${row.amount_total}`}
      refuse={({ from_month, to_month }) => (from_month && to_month && from_month > to_month ? "费款所属期的起始月不能晚于截止月" : undefined)}
      search={async ({ from_month, to_month }, page, page_size) => {
        const query = { page, page_size, ...(from_month && { from_month }), ...(to_month && { to_month }) };
        const found = await call(api.GET("/api/employer/me/contributions", { params: { query } }));
        setTotals(found.totals);
        return found;
      }}
      emptyText="这一时段没有缴费记录"
      conditions={<MonthPair label="费款所属期" />}
      columns={[
        { title: "费款所属期", dataIndex: "month", render: showMonth },
        { title: "险种类型", dataIndex: "insurance_name" },
        { title: "参保单位", dataIndex: "employer_name" },
        { title: "缴费基数", dataIndex: "base", align: "right", render: showMoney },
        { title: "单位应缴", dataIndex: "employer_amount", align: "right", render: showMoney },
        { title: "个人应缴", dataIndex: "own_amount", align: "right", render: showMoney },
        { title: "合计", dataIndex: "amount_total", align: "right", render: showMoney },
        {
          title: "到账状态",
          dataIndex: "status_name",
          render: (name: string, { status }) => <Badge status={PAYMENT_BADGES[status]} text={name} />,
        },
      ]}
      footer={() =>
        totals && (
          <div className={styles.sums} role="status">
            <span>全部 {totals.months} 个月合计（元）：</span>
            <span>单位应缴 <b className="figures">{showMoney(totals.employer_amount)}</b></span>
            <span>个人应缴 <b className="figures">{showMoney(totals.own_amount)}</b></span>
            <span>总计 <b className="figures">{showMoney(totals.amount_total)}</b></span>
          </div>
        )
      }
    />
  );
}
