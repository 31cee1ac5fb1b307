/** 费用测算: what the declaration will cost each month, as soon as month and wage are there. Nothing is sent by it. */
import { Button, Spin } from "antd";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { CostPreviewForm, MonthCost } from "@/api/types";
import { showMoney, showMonth } from "@/fields/format";

import styles from "./CostPreview.module.css";

const PAUSE_MS = 350;
const WAGE = /^\d{1,9}(\.\d{1,2})?$/;

interface Props {
  month: string | undefined;
  wage: string | undefined;
  category: string | undefined;
}

export function CostPreview({ month, wage, category }: Props) {
  const asked = useSettled(askedFor(month, wage, category));
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["cost-preview", asked],
    queryFn: ({ signal }) => call(api.POST("/api/employer/cost-previews", { body: JSON.parse(asked ?? "") as CostPreviewForm, signal })),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 300_000,
    retry: false,
  });
  const problem = error ? asProblem(error) : undefined;
  const cost = data?.months[0];
  return (
    <section className={styles.panel} aria-label="费用测算" aria-live="polite" aria-busy={isFetching}>
      <header>
        <b>费用测算</b>
        {cost && asked !== undefined && !problem && <small>{showMonth(cost.month)} 起每月应缴，以实际核定为准</small>}
        {isFetching && <Spin size="small" />}
      </header>
      {asked === undefined ? (
        <p>选择参保月份、填写月缴费工资后，这里显示每月应缴的费用。</p>
      ) : problem ? (
        <p role="alert">
          暂时不能测算：{problem.detail}
          {problem.status !== 409 && problem.status !== 422 && (
            <Button type="link" size="small" onClick={() => void refetch()}>重试</Button>
          )}
          不影响提交申报。
        </p>
      ) : (
        cost && (data.exempt ? <p>退休人员不缴费，继续享受医保待遇。</p> : <Month cost={cost} wage={data.monthly_wage} />)
      )}
    </section>
  );
}

function Month({ cost, wage }: { cost: MonthCost; wage: string }) {
  return (
    <>
      <p className={styles.base}>
        月缴费工资 <b className="figures">{showMoney(wage)}</b> 元，缴费基数 <b className="figures">{showMoney(cost.base)}</b> 元
        {cost.clamped && (
          <em>
            {cost.clamped === "lower" ? "低于" : "高于"}缴费基数{cost.clamped === "lower" ? "下限" : "上限"}，按
            {cost.clamped === "lower" ? "下限" : "上限"}计算（{showMoney(cost.lower)} 至 {showMoney(cost.upper)} 元）
          </em>
        )}
      </p>
      <div className={styles.scroll}>
        <table className={styles.lines}>
          <thead>
            <tr>
              <th scope="col">险种类型</th>
              <th scope="col">单位缴纳（元）</th>
              <th scope="col">个人缴纳（元）</th>
            </tr>
          </thead>
          <tbody>
            {cost.lines.map((line) => (
              <tr key={line.insurance}>
                <th scope="row">{line.insurance_name}</th>
                <td className="figures">{showMoney(line.employer_amount)}</td>
                <td className="figures">{showMoney(line.own_amount)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">
                合计 <b className="figures" data-testid="cost-total">{showMoney(cost.amount_total)}</b> 元
              </th>
              <td className="figures">{showMoney(cost.employer_amount)}</td>
              <td className="figures">{showMoney(cost.own_amount)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </>
  );
}

/** What would be asked, as text so that equal questions are the same question; undefined while something is missing. */
function askedFor(month: string | undefined, wage: string | undefined, category: string | undefined): string | undefined {
  const typed = wage?.trim() ?? "";
  if (!month || !WAGE.test(typed) || Number(typed) <= 0) return undefined;
  const body: CostPreviewForm = { months: [month], monthly_wage: typed, person_category: category || "1101" };
  return JSON.stringify(body);
}

/** The value once it has stood still for a moment; nothing at once. */
function useSettled(value: string | undefined): string | undefined {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [value]);
  return value === undefined ? undefined : settled;
}
