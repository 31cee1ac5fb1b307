/** 单位参保人员缴费查询打印: contribution months or an ID number → people → 打印 or 下载, of one or of all. */
import { Button, Checkbox } from "antd";
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

export default function ContributionListPage() {
  const { asking, order, dialogs } = useReports();
  const { thisMonth, aYearBack } = useThisMonth();
  const [full, setFull] = useState(false);
  const [asked, setAsked] = useState<Conditions>({});
  const ask = (purpose: Purpose, mark: string, person?: RosterRow) =>
    void order(
      {
        route: "reports",
        form: {
          kind: "contribution_list",
          from_month: asked.from_month ?? aYearBack,
          to_month: asked.to_month ?? thisMonth,
          ...(person && { person_id: person.person_id }),
          ...(full && { full_numbers: true }),
        },
      },
      purpose,
      mark,
    );
  return (
    <>
      <LookupPage<Conditions, RosterRow>
        title="单位参保人员缴费查询打印"
        hint="按应费款所属期或证件号码查询，打印或下载缴费明细表；可打印一人，也可打印全部人员。"
        queryKey="contribution-list"
        rowKey={(row) => row.person_id}
        initial={{ from_month: aYearBack, to_month: thisMonth }}
        refuse={monthsRefused}
        search={(conditions, page, size, after) => {
          setAsked(conditions);
          return findPeople(conditions, page, size, after);
        }}
        emptyText="没有找到这样的职工"
        conditions={
          <>
            <MonthRange label="应费款所属期" latest={thisMonth} />
            <WhoFields />
          </>
        }
        actions={(conditions) => (
          <>
            <Checkbox checked={full} onChange={(event) => setFull(event.target.checked)} title="需再次验证身份，并记入日志">
              显示完整证件号码
            </Checkbox>
            {(["print", "download"] as const).map((purpose) => (
              <Button
                key={purpose}
                type={purpose === "print" ? "primary" : "default"}
                disabled={!conditions}
                loading={whileBusy(asking === `all ${purpose}`)}
                onClick={() => ask(purpose, `all ${purpose}`)}
              >
                {PURPOSES[purpose]}全部人员
              </Button>
            ))}
          </>
        )}
        columns={[
          { title: "姓名", dataIndex: "name" },
          { title: "证件号码", dataIndex: "id_number_masked", render: (number: string) => <span className="figures">{number}</span> },
          { title: "参保起始月", dataIndex: "start_month", render: showMonth },
          { title: "明细期间", key: "range", render: () => `${showMonth(asked.from_month)} 至 ${showMonth(asked.to_month)}` },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) =>
              (["print", "download"] as const).map((purpose) => (
                <Button
                  key={purpose}
                  type="link"
                  size="small"
                  loading={whileBusy(asking === row.person_id + purpose)}
                  onClick={() => ask(purpose, row.person_id + purpose, row)}
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
