/** What applications look like in every list of them. */
import { Tag, type TableColumnsType } from "antd";

import { orNothing, showMoment, showMonth } from "@/fields/format";

export const KINDS: Readonly<Record<string, string>> = {
  addition: "增员申报",
  removal: "减员申报",
  person_change: "人员信息变更",
  employer_change: "单位信息变更",
};

const STATES: Readonly<Record<string, readonly [string, string]>> = {
  pending: ["待审核", "processing"],
  approved: ["审核通过", "success"],
  rejected: ["审核未通过", "error"],
  withdrawn: ["已撤销", "default"],
};

export const kindOptions = Object.entries(KINDS).map(([value, label]) => ({ value, label }));

/** What a decided application can have become, for choices. */
export const outcomeOptions = ["approved", "rejected", "withdrawn"].map((value) => ({ value, label: STATES[value]?.[0] ?? value }));

export const stateWord = (status: string): string => STATES[status]?.[0] ?? status;

export function StateTag({ status, automatic = false }: { status: string; automatic?: boolean }) {
  const [word, color] = STATES[status] ?? [status, "default"];
  return (
    <>
      <Tag color={color}>{word}</Tag>
      {automatic && <Tag>自动审核</Tag>}
    </>
  );
}

interface Listed {
  readonly no: string;
  readonly kind: string;
  readonly person_name?: string | null | undefined;
  readonly employer_name: string;
  readonly id_number_masked?: string | null | undefined;
  readonly start_month?: string | null | undefined;
  readonly stop_month?: string | null | undefined;
  readonly submitted_at: string;
}

/** The person an application is about, or the unit where it is about the unit itself. */
export const subjectOf = (application: Pick<Listed, "person_name" | "employer_name">): string =>
  application.person_name ?? application.employer_name;

export const applicationColumns: TableColumnsType<Listed> = [
  { title: "申报流水号", dataIndex: "no", className: "figures" },
  { title: "业务类型", dataIndex: "kind", render: (kind: string) => KINDS[kind] ?? kind },
  { title: "姓名/单位名称", key: "name", render: (_, row) => subjectOf(row) },
  { title: "证件号码", dataIndex: "id_number_masked", render: orNothing },
  {
    title: "参保/停保月份",
    key: "month",
    render: (_, row) => (row.stop_month == null ? showMonth(row.start_month) : `${showMonth(row.stop_month)} 停保`),
  },
  { title: "提交时间", dataIndex: "submitted_at", render: showMoment },
];
