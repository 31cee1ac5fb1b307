/** Whom a page is looking for, and how they are insured. */
import { Badge } from "antd";

import { useNames } from "@/fields/dictionaries";

/** Who is looked for. */
export interface WhoConditions {
  id_number?: string;
  name?: string;
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
