/** The lines of a receipts file, by what they do: those that need somebody's eye first. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Segmented, Table } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ReceiptImport, ReceiptLine } from "@/api/types";
import { orNothing, showDate, showMoney, showMonth } from "@/fields/format";
import styles from "@/pages/hall/BatchPage.module.css";
import { ProblemNote } from "@/patterns/ProblemNote";
import { SaveButton } from "@/patterns/SaveButton";

type Outcome = ReceiptLine["outcome"];
/** Lines to look into: to be had as a file, with the reasons. */
const RETURNED: Readonly<Partial<Record<Outcome, string>>> = { unknown: "下载未匹配数据", faulty: "下载错误数据" };
const FIRST: readonly Outcome[] = ["unknown", "faulty", "overpaid", "duplicate", "partial", "matched"];

export function ReceiptLines({ found }: { found: ReceiptImport }) {
  const there = FIRST.filter((outcome) => found.outcomes.some((one) => one.outcome === outcome));
  const [outcome, setOutcome] = useState<Outcome | undefined>(there[0]);
  const [paging, setPaging] = useState({ page: 1, size: 20 });
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["receipt-lines", found.id, found.version, outcome, paging],
    queryFn: () =>
      call(
        api.GET("/api/employer/receipt-imports/{receipt_import_id}/lines", {
          params: { path: { receipt_import_id: found.id }, query: { page: paging.page, page_size: paging.size, ...(outcome && { outcome }) } },
        }),
      ),
    placeholderData: keepPreviousData,
  });
  if (there.length === 0) return null;
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  const names = new Map(found.outcomes.map((one) => [one.outcome, one.outcome_name]));
  return (
    <section aria-label="到账明细行" aria-busy={isFetching}>
      <div className={`${styles.buttons ?? ""} ${styles.actions ?? ""}`}>
        <Segmented<Outcome>
          value={outcome ?? "matched"}
          onChange={(chosen) => {
            setOutcome(chosen);
            setPaging({ ...paging, page: 1 });
          }}
          options={there.map((value) => ({ value, label: names.get(value) ?? value }))}
        />
        {outcome && RETURNED[outcome] && (
          <SaveButton key={outcome} url={`/api/employer/receipt-imports/${found.id}/lines/file?outcome=${outcome}`}>
            {RETURNED[outcome]}
          </SaveButton>
        )}
      </div>
      <Table<ReceiptLine>
        size="middle"
        rowKey={(line) => line.number}
        dataSource={data?.items ?? []}
        loading={isFetching && data === undefined}
        scroll={{ x: "max-content" }}
        columns={[
          { title: "行号", dataIndex: "number", width: 72, render: (number: number) => <span className="figures">{number}</span> },
          { title: "单位编号", key: "employer_no", render: (_, line) => orNothing(line.employer_no ?? line.cells["单位编号"]) },
          { title: "单位名称", dataIndex: "employer_name", render: orNothing },
          { title: "费款所属期", key: "month", render: (_, line) => (line.month ? showMonth(line.month) : orNothing(line.cells["费款所属期"])) },
          { title: "险种", key: "insurance", render: (_, line) => orNothing(line.insurance ?? line.cells["险种类型"]) },
          { title: "到账金额", key: "amount", align: "right", render: (_, line) => (line.amount ? showMoney(line.amount) : orNothing(line.cells["到账金额"])) },
          ...(outcome === "overpaid" ? [{ title: "其中多缴", dataIndex: "surplus", align: "right" as const, render: showMoney }] : []),
          { title: "到账日期", key: "received_on", render: (_, line) => (line.received_on ? showDate(line.received_on) : orNothing(line.cells["到账日期"])) },
          { title: "缴款流水号", key: "reference", render: (_, line) => orNothing(line.reference ?? line.cells["缴款流水号"]) },
          ...(outcome === "faulty"
            ? [
                {
                  title: "错误原因",
                  key: "faults",
                  render: (_: unknown, { faults }: ReceiptLine) => (
                    <ul className={styles.reasons} style={{ maxWidth: 300 }}>
                      {faults.map((fault) => (
                        <li key={fault.column}><b>{fault.column}：</b>{fault.message}</li>
                      ))}
                    </ul>
                  ),
                },
              ]
            : []),
        ]}
        pagination={
          (data?.total ?? 0) <= paging.size
            ? false
            : {
                current: paging.page,
                pageSize: paging.size,
                total: data?.total ?? 0,
                showSizeChanger: true,
                pageSizeOptions: [20, 50, 100],
                onChange: (page, size) => setPaging({ page: size === paging.size ? page : 1, size }),
              }
        }
      />
    </section>
  );
}
