/** 单位参保人员名单: the unit's people, with detail in three modules. */
import { PrinterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Form } from "antd";
import { useState } from "react";

import type { RosterRow } from "@/api/types";
import { CodeSelect } from "@/fields/CodeSelect";
import { useNames } from "@/fields/dictionaries";
import { showMoney, showMonth } from "@/fields/format";
import { MonthPair } from "@/fields/MonthPair";
import { whileBusy } from "@/patterns/busy";
import { LookupPage } from "@/patterns/LookupPage";
import { sessionQuery } from "@/session/session";

import { ExportButton } from "./ExportButton";
import { findPeople, peopleAsked, type PeopleConditions } from "./people";
import { PersonDrawer } from "./PersonDrawer";
import { useReports } from "./useReports";
import { StatusBadge, WhoFields } from "./whom";

export default function RosterPage() {
  const name = useNames();
  const [shown, setShown] = useState<RosterRow>();
  const { asking, order, dialogs } = useReports();
  const mayPrint = useQuery(sessionQuery).data?.permissions.includes("print") ?? false;
  return (
    <>
      <LookupPage<PeopleConditions, RosterRow>
        title="单位参保人员名单"
        hint="本单位的参保人员与参保关系。不填条件时列出全部人员。"
        queryKey="roster"
        searchAtOnce
        emptyText="没有符合条件的参保人员"
        rowKey={(row) => row.person_id}
        search={findPeople}
        refuse={({ started_from, started_to }) =>
          started_from && started_to && started_from > started_to ? "参保起始月的起月不能晚于止月" : undefined
        }
        conditions={
          <>
            <WhoFields />
            <Form.Item name="status" label="参保状态">
              <CodeSelect table="coverage_statuses" allowClear placeholder="全部" popupMatchSelectWidth={140} />
            </Form.Item>
            <MonthPair label="参保起始月" names={["started_from", "started_to"]} words={["起月", "止月"]} />
          </>
        }
        actions={(asked, total) => (
          <>
            {mayPrint && (
              <Button
                icon={<PrinterOutlined aria-hidden />}
                disabled={!asked || total === 0}
                loading={whileBusy(asking === "roster")}
                onClick={() => asked && void order({ route: "reports", form: { kind: "roster_list", roster: peopleAsked(asked) } }, "print", "roster")}
              >
                打印花名册
              </Button>
            )}
            <ExportButton withNumbers form={asked && total > 0 ? { kind: "roster", roster: peopleAsked(asked) } : undefined} />
          </>
        )}
        columns={[
          { title: "姓名", dataIndex: "name" },
          { title: "证件号码", dataIndex: "id_number_masked", render: (number: string) => <span className="figures">{number}</span> },
          { title: "性别", dataIndex: "sex", render: (sex: string) => name("sexes", sex) },
          { title: "参保起始月", dataIndex: "start_month", render: showMonth },
          { title: "停保月份", dataIndex: "stop_month", render: showMonth },
          { title: "月缴费工资（元）", dataIndex: "monthly_wage", align: "right", render: showMoney },
          {
            title: "险种类型",
            dataIndex: "insurances",
            width: 240,
            ellipsis: true,
            render: (codes: readonly string[]) => codes.map((code) => name("insurance_types", code)).join("、"),
          },
          {
            title: "参保状态",
            dataIndex: "status",
            render: (status: string) => <StatusBadge status={status} />,
          },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) => <Button type="link" size="small" onClick={() => setShown(row)}>详情</Button>,
          },
        ]}
      />
      {dialogs}
      <PersonDrawer person={shown} onClose={() => setShown(undefined)} />
    </>
  );
}
