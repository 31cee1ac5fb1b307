/** 审核意见: written freely, or begun with one of the agency's common reasons. */
import { Form, Input, Select, type FormInstance } from "antd";

import { useCodes } from "@/fields/dictionaries";

import styles from "./ReviewDrawer.module.css";

export interface Reasoned {
  reason?: string;
}

export const REASON_LENGTH = 500;

/** What was written, without blanks around it; undefined when there is nothing. */
export const reasonOf = (form: FormInstance<Reasoned>): string | undefined =>
  (form.getFieldValue("reason") as string | undefined)?.trim() || undefined;

/** Puts the message beside the field that a rejection without a reason needs. */
export function askForReason(form: FormInstance<Reasoned>): void {
  form.setFields([{ name: "reason", errors: ["审核不通过时请写明原因，单位会看到"] }]);
  form.scrollToField("reason", { focus: true });
}

export function ReasonField({ form }: { form: FormInstance<Reasoned> }) {
  const { codes } = useCodes("rejection_reasons");
  const pick = (reason: string) => {
    form.setFieldValue("reason", reason);
    form.setFields([{ name: "reason", errors: [] }]);
  };
  return (
    <>
      <Select<string>
        aria-label="常用意见"
        className={styles.common ?? ""}
        placeholder="选择常用意见"
        value={null}
        onChange={pick}
        options={codes.map(({ name }) => ({ value: name, label: name }))}
      />
      <Form.Item name="reason" label="审核意见">
        <Input.TextArea maxLength={REASON_LENGTH} showCount rows={2} placeholder="不通过时必填，单位会看到" />
      </Form.Item>
    </>
  );
}
