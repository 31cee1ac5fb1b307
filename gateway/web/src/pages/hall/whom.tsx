/** Whom a page is looking for, and how they are insured. */
import { Badge, Form, Input } from "antd";

import { useNames } from "@/fields/dictionaries";
import { IdentifierInput } from "@/fields/IdentifierInput";

/** Who is looked for. */
export interface WhoConditions {
  id_number?: string;
  name?: string;
}

/** The fields of a search for somebody. */
export function WhoFields() {
  return (
    <>
      <Form.Item name="id_number" label="证件号码">
        <IdentifierInput allowClear />
      </Form.Item>
      <Form.Item name="name" label="姓名">
        <Input allowClear maxLength={50} autoComplete="off" />
      </Form.Item>
    </>
  );
}

/** The conditions that were filled in, as they are sent. */
export function askedFor({ id_number, name }: WhoConditions): WhoConditions {
  return { ...(id_number && { id_number }), ...(name?.trim() && { name: name.trim() }) };
}

/** 参保状态. */
export function StatusBadge({ status }: { status: string }) {
  const name = useNames();
  return <Badge status={status === "1" ? "success" : "default"} text={name("coverage_statuses", status)} />;
}
