/** 审核工作台: the queue of applications with their age, and the desk where one is decided. */
import { Button, Form, Input, Radio, Tag, type TableColumnsType } from "antd";
import dayjs from "dayjs";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { ReviewSearch, Row } from "@/api/types";
import { age, orNothing, showMoment } from "@/fields/format";
import { LookupPage } from "@/patterns/LookupPage";
import { applicationColumns, StateTag } from "@/pages/hall/applicationColumns";

import { ReviewDrawer } from "./ReviewDrawer";

type Queued = Row<"/api/enrollment/reviews/searches", "post">;
interface Conditions {
  state: ReviewSearch["state"];
  employer_name?: string;
}

const LATE_HOURS = 24;

export default function ReviewsPage() {
  const [shown, setShown] = useState<string>();
  const columns = (asked: Conditions | undefined): TableColumnsType<Queued> => [
    { title: "单位名称", dataIndex: "employer_name" },
    ...(applicationColumns as TableColumnsType<Queued>),
    ...(asked?.state === "decided"
      ? ([
          { title: "审核结果", dataIndex: "status", render: (status: string) => <StateTag status={status} /> },
          { title: "审核人", dataIndex: "decided_by_name", render: orNothing },
          { title: "审核时间", dataIndex: "decided_at", render: showMoment },
        ] satisfies TableColumnsType<Queued>)
      : [{ title: "等待时长", key: "age", render: (_: unknown, row: Queued) => <Age since={row.submitted_at} /> }]),
    {
      title: "操作",
      key: "actions",
      fixed: "right",
      render: (_, row) => (
        <Button type="link" size="small" onClick={() => setShown(row.no)}>{row.status === "pending" ? "审核" : "查看"}</Button>
      ),
    },
  ];
  return (
    <>
      <LookupPage<Conditions, Queued>
        title="审核工作台"
        hint="按提交先后排列。审核前系统会重新核对全部规则。"
        queryKey="reviews"
        searchAtOnce
        initial={{ state: "pending" }}
        emptyText="没有等待审核的申报"
        rowKey={(row) => row.no}
        columns={columns}
        search={({ state, employer_name }, page, page_size) =>
          call(
            api.POST("/api/enrollment/reviews/searches", {
              body: { state, page, page_size, ...(employer_name?.trim() && { employer_name: employer_name.trim() }) },
            }),
          )
        }
        conditions={
          <>
            <Form.Item name="state" label="状态">
              <Radio.Group
                aria-label="状态"
                optionType="button"
                options={[
                  { value: "pending", label: "待审核" },
                  { value: "decided", label: "已审核" },
                ]}
              />
            </Form.Item>
            <Form.Item name="employer_name" label="单位名称">
              <Input allowClear maxLength={100} autoComplete="off" />
            </Form.Item>
          </>
        }
      />
      <ReviewDrawer no={shown} onClose={() => setShown(undefined)} />
    </>
  );
}

function Age({ since }: { since: string }) {
  const late = dayjs().diff(since, "hour") >= LATE_HOURS;
  return late ? <Tag color="warning">{age(since)}</Tag> : <>{age(since)}</>;
}
