/** What the pages call the facts of a registration, and what becomes of a request to change them. */
import type { Answer } from "@/api/types";

export type Change = Answer<"/api/employer/registration-changes/{change_id}", "get">;

const FIELDS: Readonly<Record<string, string>> = {
  name: "单位名称",
  uscc: "统一社会信用代码",
  kind: "单位类型",
  legal_representative: "法人姓名",
  legal_representative_id_type: "法人证件类型",
  legal_representative_id_number: "法人证件号码",
  address: "注册地址",
};

/** A field of the registration in the manual's words; one nobody has told the pages of keeps its own name. */
export const changedField = (field: string): string => FIELDS[field] ?? field;

export const CHANGE_STATES: Readonly<Record<Change["status"], readonly [string, string]>> = {
  pending: ["待审核", "processing"],
  applied: ["审核通过，已生效", "success"],
  rejected: ["审核未通过", "error"],
  withdrawn: ["已撤销", "default"],
  not_applied: ["审核通过，未能生效", "warning"],
};
