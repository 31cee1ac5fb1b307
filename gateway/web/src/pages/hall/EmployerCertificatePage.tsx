/** 单位缴费查询打印: contribution months → list → 打印 or 下载 of a month, or of the whole range. */
import { Badge, Button } from "antd";

import { api, call } from "@/api/client";
import type { Row } from "@/api/types";
import { showDate, showMoney, showMonth } from "@/fields/format";
import { LookupPage } from "@/patterns/LookupPage";
import { whileBusy } from "@/patterns/busy";

import { monthsRefused, MonthRange, useThisMonth, type MonthConditions } from "./MonthRange";
import { PURPOSES, type Purpose } from "./reportFlow";
import { useReports } from "./useReports";

type MonthSum = Row<"/api/employer/contributions/months", "get">;

export default function EmployerCertificatePage() {
  const { asking, order, dialogs } = useReports();
  const { thisMonth, aYearBack } = useThisMonth();
  const ask = (from_month: string, to_month: string, purpose: Purpose, mark: string) =>
    void order({ route: "reports", form: { kind: "employer_certificate", from_month, to_month } }, purpose, mark);
  return (
    <>
      <LookupPage<MonthConditions, MonthSum>
        title="单位缴费查询打印"
        hint="按应费款所属期查询，打印或下载单位缴费证明。"
        queryKey="employer-certificate"
        rowKey={(row) => `${row.month} ${row.insurance}`}
        initial={{ from_month: aYearBack, to_month: thisMonth }}
        refuse={monthsRefused}
        search={({ from_month, to_month }, page, page_size) =>
          call(
            api.GET("/api/employer/contributions/months", {
              params: { query: { page, page_size, ...(from_month && { from_month }), ...(to_month && { to_month }) } },
            }),
          )
        }
        emptyText="所选期间没有缴费记录"
        conditions={<MonthRange label="应费款所属期" latest={thisMonth} />}
        actions={(asked, total) =>
          (["print", "download"] as const).map((purpose) => (
            <Button
              key={purpose}
              type={purpose === "print" ? "primary" : "default"}
              disabled={!asked || total === 0}
              loading={whileBusy(asking === `all ${purpose}`)}
              onClick={() => asked && ask(asked.from_month ?? aYearBack, asked.to_month ?? thisMonth, purpose, `all ${purpose}`)}
            >
              {PURPOSES[purpose]}所选期间
            </Button>
          ))
        }
        columns={[
          { title: "费款所属期", dataIndex: "month", render: showMonth },
          { title: "险种类型", dataIndex: "insurance_name" },
          { title: "人数", dataIndex: "people", align: "right" },
          { title: "缴费基数合计", dataIndex: "base", align: "right", render: showMoney },
          { title: "应缴合计", dataIndex: "amount_total", align: "right", render: showMoney },
          { title: "已到账", dataIndex: "received", align: "right", render: showMoney },
          { title: "到账日期", dataIndex: "received_on", render: showDate },
          { title: "到账状态", dataIndex: "status_name", render: (name: string, row) => <Badge status={row.status === "1" ? "success" : "default"} text={name} /> },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) =>
              (["print", "download"] as const).map((purpose) => {
                const mark = `${row.month} ${row.insurance} ${purpose}`;
                return (
                  <Button key={purpose} type="link" size="small" loading={whileBusy(asking === mark)} onClick={() => ask(row.month, row.month, purpose, mark)}>
                    {PURPOSES[purpose]}
                  </Button>
                );
              }),
          },
        ]}
      />
      {dialogs}
    </>
  );
}
