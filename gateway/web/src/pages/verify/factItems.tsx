/** What a genuine document says, kind by kind, as rows of a description. */
import type { DescriptionsProps } from "antd";

import type { Verification } from "@/api/types";
import { showMoney, showMonth } from "@/fields/format";

type Items = NonNullable<DescriptionsProps["items"]>;

export function factItems(facts: Verification["facts"]): Items {
  if ("name_masked" in facts) {
    return [
      { key: "name", label: "姓名", children: facts.name_masked },
      { key: "id", label: "证件号码", children: <span className="figures">{facts.id_number_masked}</span> },
      { key: "unit", label: "参保单位", children: facts.employer_name },
      { key: "insurances", label: "险种类型", children: facts.insurances.join("、") },
      { key: "range", label: "证明期间", children: monthsOf(facts) },
      { key: "months", label: "缴费月数", children: `${facts.months} 个月，其中已到账 ${facts.received_months} 个月` },
      { key: "sums", label: "缴费合计", children: `单位 ${showMoney(facts.employer_total)} 元，个人 ${showMoney(facts.own_total)} 元` },
    ];
  }
  const unit: Items = [
    { key: "unit", label: "单位名称", children: facts.employer_name },
    { key: "no", label: "单位编号", children: <span className="figures">{facts.employer_no}</span> },
  ];
  if ("uscc" in facts) {
    return [
      ...unit,
      { key: "uscc", label: "信用代码", children: <span className="figures">{facts.uscc}</span> },
      { key: "range", label: "证明期间", children: `${monthsOf(facts)}，共 ${facts.months} 个缴费月份` },
      { key: "sums", label: "缴费合计", children: `应缴 ${showMoney(facts.amount_total)} 元，已到账 ${showMoney(facts.received_total)} 元` },
    ];
  }
  return [
    ...unit,
    { key: "about", label: "内容", children: facts.about },
    { key: "rows", label: "规模", children: `${facts.rows} 行，${facts.people} 人` },
    ...(facts.amount_total == null ? [] : [{ key: "sum", label: "合计", children: `${showMoney(facts.amount_total)} 元` }]),
  ];
}

const monthsOf = ({ from_month, to_month }: { from_month: string; to_month: string }): string => `${showMonth(from_month)} 至 ${showMonth(to_month)}`;
