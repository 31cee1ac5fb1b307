/** 职工参保证明: months → employees → 打印 or 下载, for one or for many at once. */
import { Button } from "antd";
import { useState } from "react";

import type { RosterRow } from "@/api/types";
import { showMonth } from "@/fields/format";
import { LookupPage } from "@/patterns/LookupPage";
import { whileBusy } from "@/patterns/busy";

import { monthsRefused, MonthRange, useThisMonth, type MonthConditions } from "./MonthRange";
import { findPeople, type PeopleConditions } from "./people";
import { PURPOSES, type Purpose } from "./reportFlow";
import { useReports } from "./useReports";
import { WhoFields } from "./whom";

type Conditions = PeopleConditions & MonthConditions;
const MOST_PEOPLE = 500;

export default function CertificatesPage() {
  const { asking, order, dialogs } = useReports();
  const [picked, setPicked] = useState<readonly RosterRow[]>([]);
  const { thisMonth, aYearBack } = useThisMonth();
  const monthsOf = ({ from_month, to_month }: Conditions) => ({ from_month: from_month ?? aYearBack, to_month: to_month ?? thisMonth });
  const orderOne = (person: RosterRow, conditions: Conditions, purpose: Purpose) =>
    order(
      { route: "reports", form: { kind: "insurance_certificate", person_id: person.person_id, ...monthsOf(conditions) } },
      purpose,
      person.person_id + purpose,
    );
  const orderMany = (conditions: Conditions, packing: "pdf" | "zip") =>
    order(
      { route: "reports", form: { kind: "insurance_certificates", person_ids: picked.map((row) => row.person_id), packing, ...monthsOf(conditions) } },
      packing === "pdf" ? "print" : "download",
      packing,
    );
  const [asked, setAsked] = useState<Conditions>({});

  return (
    <>
      <LookupPage<Conditions, RosterRow>
        title="职工参保证明"
        hint="选择费款所属期，查询职工后打印或下载。每份证明带有校验码和二维码，三个月内可核验真伪。"
        queryKey="certificate-people"
        rowKey={(row) => row.person_id}
        initial={{ from_month: aYearBack, to_month: thisMonth }}
        refuse={monthsRefused}
        search={(conditions, page, size, after) => {
          setAsked(conditions);
          return findPeople(conditions, page, size, after);
        }}
        emptyText="没有找到这样的职工"
        selection={() => ({ picked, onPick: (rows) => setPicked(rows.slice(0, MOST_PEOPLE)) })}
        actions={() => (
          <>
            <span>{picked.length > 0 ? `已选 ${picked.length} 人` : "勾选多人可一次打印"}</span>
            {picked.length > 0 && <Button type="link" size="small" onClick={() => setPicked([])}>清空选择</Button>}
            <Button disabled={picked.length === 0} loading={whileBusy(asking === "pdf")} onClick={() => void orderMany(asked, "pdf")}>批量打印</Button>
            <Button disabled={picked.length === 0} loading={whileBusy(asking === "zip")} onClick={() => void orderMany(asked, "zip")}>批量下载（压缩包）</Button>
          </>
        )}
        conditions={
          <>
            <MonthRange label="应费款所属期" latest={thisMonth} />
            <WhoFields />
          </>
        }
        columns={[
          { title: "姓名", dataIndex: "name" },
          { title: "证件号码", dataIndex: "id_number_masked" },
          { title: "参保起始月", dataIndex: "start_month", render: showMonth },
          { title: "证明期间", key: "range", render: () => `${showMonth(asked.from_month)} 至 ${showMonth(asked.to_month)}` },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) =>
              (["show", "print", "download"] as const).map((purpose) => (
                <Button
                  key={purpose}
                  type="link"
                  size="small"
                  loading={whileBusy(asking === row.person_id + purpose)}
                  disabled={asking !== undefined && asking !== row.person_id + purpose}
                  onClick={() => void orderOne(row, asked, purpose)}
                >
                  {PURPOSES[purpose]}
                </Button>
              )),
          },
        ]}
      />
      {dialogs}
    </>
  );
}
