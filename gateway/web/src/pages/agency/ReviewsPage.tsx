/** 审核工作台: the queue of applications with their age and what the checks found; one or many are decided. */
import { Button, DatePicker, Form, Input, InputNumber, Radio, Select, Tag, type TableColumnsType } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { ReviewRow, ReviewSearch } from "@/api/types";
import { age, orNothing, showMoment } from "@/fields/format";
import { IdentifierInput } from "@/fields/IdentifierInput";
import { applicationColumns, kindOptions, StateTag } from "@/pages/applications/applicationColumns";
import { LookupPage } from "@/patterns/LookupPage";

import { ManyDecisions } from "./ManyDecisions";
import { ReviewDrawer } from "./ReviewDrawer";

interface Conditions {
  state: ReviewSearch["state"];
  kind?: ReviewRow["kind"];
  employer?: string;
  name?: string;
  id_number?: string;
  no?: string;
  dates?: [Dayjs, Dayjs] | null;
  min_age_days?: number | null;
  findings?: "flagged" | "clean";
  order?: "oldest" | "newest";
}

const LATE_DAYS = 3;
const REFRESHED_EVERY_MS = 30_000;
const FLAGS: Readonly<Record<string, readonly [string, string]>> = {
  ok: ["通过", "success"],
  warning: ["有提示", "warning"],
  refusal: ["不符合", "error"],
};

export default function ReviewsPage() {
  const [shown, setShown] = useState<string>();
  const [picked, setPicked] = useState<readonly ReviewRow[]>([]);
  const columns = (asked: Conditions | undefined): TableColumnsType<ReviewRow> => [
    { title: "单位名称", dataIndex: "employer_name" },
    ...(applicationColumns as TableColumnsType<ReviewRow>),
    ...(asked?.state === "decided" ? [] : [{ title: "正在审核", key: "claim", render: (_: unknown, row: ReviewRow) => <Claim row={row} /> }]),
    { title: "系统核对", dataIndex: "flag", render: (flag: string | null) => <Flag flag={flag} /> },
    ...(asked?.state === "decided"
      ? ([
          { title: "审核结果", dataIndex: "status", render: (status: string, row) => <StateTag status={status} automatic={row.decided_automatically} /> },
          { title: "审核人", dataIndex: "decided_by_name", render: orNothing },
          { title: "审核时间", dataIndex: "decided_at", render: showMoment },
        ] satisfies TableColumnsType<ReviewRow>)
      : [{ title: "等待时长", key: "age", render: (_: unknown, row: ReviewRow) => <Age row={row} /> }]),
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
      <LookupPage<Conditions, ReviewRow>
        title="审核工作台"
        hint="按提交先后排列。审核前系统会重新核对全部规则。"
        queryKey="reviews"
        searchAtOnce
        refreshEvery={REFRESHED_EVERY_MS}
        initial={{ state: "pending", order: "oldest" }}
        emptyText="没有等待审核的申报"
        rowKey={(row) => row.no}
        columns={columns}
        search={(conditions, page, page_size, after) =>
          call(api.POST("/api/enrollment/reviews/searches", { body: { ...bodyOf(conditions), page, page_size, ...(after && { after }) } }))
        }
        selection={(asked) => (asked?.state === "decided" ? undefined : { picked, onPick: setPicked })}
        actions={(asked) => asked?.state !== "decided" && <ManyDecisions picked={picked} onDone={() => setPicked([])} />}
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
            <Form.Item name="kind" label="业务类型">
              <Select allowClear placeholder="全部" options={kindOptions} popupMatchSelectWidth={160} />
            </Form.Item>
            <Form.Item name="employer" label="单位名称/编号">
              <Input allowClear maxLength={100} autoComplete="off" />
            </Form.Item>
            <Form.Item name="name" label="姓名">
              <Input allowClear maxLength={100} autoComplete="off" />
            </Form.Item>
            <Form.Item name="id_number" label="证件号码">
              <IdentifierInput allowClear />
            </Form.Item>
            <Form.Item name="no" label="申报流水号">
              <Input allowClear maxLength={40} autoComplete="off" />
            </Form.Item>
            <Form.Item name="findings" label="系统核对">
              <Select
                allowClear
                placeholder="全部"
                options={[
                  { value: "flagged", label: "有提示或不符合" },
                  { value: "clean", label: "全部通过" },
                ]}
                popupMatchSelectWidth={160}
              />
            </Form.Item>
            <Form.Item name="min_age_days" label="已等待（天）">
              <InputNumber min={0} max={3650} precision={0} placeholder="至少" />
            </Form.Item>
            <Form.Item name="dates" label="提交日期">
              <DatePicker.RangePicker />
            </Form.Item>
            <Form.Item name="order" label="排序">
              <Select
                options={[
                  { value: "oldest", label: "先提交的在前" },
                  { value: "newest", label: "后提交的在前" },
                ]}
              />
            </Form.Item>
          </>
        }
      />
      <ReviewDrawer no={shown} onClose={() => setShown(undefined)} />
    </>
  );
}

function bodyOf({ state, kind, employer, name, id_number, no, dates, min_age_days, findings, order }: Conditions): Omit<ReviewSearch, "page" | "page_size"> {
  const text = { employer: employer?.trim(), name: name?.trim(), id_number, no: no?.trim() };
  const filled = Object.fromEntries(Object.entries(text).filter(([, value]) => value));
  return {
    state,
    ...filled,
    ...(kind && { kind }),
    ...(dates && { from_date: dates[0].format("YYYY-MM-DD"), to_date: dates[1].format("YYYY-MM-DD") }),
    ...(min_age_days != null && { min_age_days }),
    ...(findings && { flagged: findings === "flagged" }),
    ...(order && { order }),
  };
}

function Flag({ flag }: { flag: string | null }) {
  if (flag === null) return <>{orNothing(null)}</>;
  const [word, color] = FLAGS[flag] ?? [flag, "default"];
  return <Tag color={color}>{word}</Tag>;
}

/** Who has it open right now. */
function Claim({ row }: { row: ReviewRow }) {
  if (row.claimed_by === null) return <>{orNothing(null)}</>;
  return <Tag color={row.claimed_by_me ? "blue" : "orange"}>{row.claimed_by_me ? "本人" : row.claimed_by}</Tag>;
}

function Age({ row }: { row: ReviewRow }) {
  const since = age(row.submitted_at);
  return row.waiting_days >= LATE_DAYS ? <Tag color="warning">{since}</Tag> : <>{since}</>;
}
