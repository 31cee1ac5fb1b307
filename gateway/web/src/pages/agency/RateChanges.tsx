/** 调整与审批: what was proposed, by whom, and what became of it. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Empty, Form, Input, Space, Table, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { RateChange, RateTable } from "@/api/types";
import { orNothing, showMoment, showMoney, showMonth } from "@/fields/format";
import { DialogForm } from "@/patterns/DialogForm";
import { ProblemNote } from "@/patterns/ProblemNote";
import { sessionQuery } from "@/session/session";

import { showShare } from "./shares";

const PAGE_SIZE = 10;
const STATUS: Readonly<Record<RateChange["status"], readonly [string, string]>> = {
  pending: ["待审批", "warning"],
  approved: ["已执行", "success"],
  rejected: ["未同意", "error"],
  withdrawn: ["已撤回", "default"],
};

export function RateChanges({ table }: { table: RateTable }) {
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const { data: session } = useQuery(sessionQuery);
  const [page, setPage] = useState(1);
  const [refusing, setRefusing] = useState<RateChange>();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["rate-changes", page],
    queryFn: () => call(api.GET("/api/employer/rate-changes", { params: { query: { page, page_size: PAGE_SIZE } } })),
    placeholderData: keepPreviousData,
  });
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ["rate-changes"] });
    void queries.invalidateQueries({ queryKey: ["rates"] });
  };
  const seen = ({ id, version }: RateChange) => ({
    params: { path: { rate_change_id: id } },
    headers: { "If-Match": `"v${version}"` },
  });
  const decide = (change: RateChange, decision: "approve" | "reject", reason?: string) =>
    call(api.POST("/api/employer/rate-changes/{rate_change_id}/decision", { ...seen(change), body: { decision, ...(reason && { reason }) } }));
  const ask = (title: string, okText: string, act: () => Promise<unknown>, done: string) => {
    void modal.confirm({
      title,
      okText,
      cancelText: "取消",
      onOk: () =>
        act()
          .then(() => message.success(done), (thrown: unknown) => message.error(asProblem(thrown).detail))
          .finally(refresh),
    });
  };
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  return (
    <>
      <Table<RateChange>
        size="middle"
        rowKey={(change) => change.id}
        dataSource={data?.items ?? []}
        loading={isFetching && data === undefined}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有提出过调整" /> }}
        columns={[
          { title: "调整内容", key: "what", render: (_, change) => what(change, table) },
          { title: "执行期间", key: "when", render: (_, change) => when(change) },
          { title: "依据", dataIndex: "source", ellipsis: true, width: 200 },
          { title: "提出人", dataIndex: "proposed_by_name" },
          { title: "提出时间", dataIndex: "proposed_at", render: showMoment },
          {
            title: "状态",
            dataIndex: "status",
            render: (status: RateChange["status"]) => <Tag color={STATUS[status][1]}>{STATUS[status][0]}</Tag>,
          },
          { title: "审批人", dataIndex: "decided_by_name", render: orNothing },
          { title: "审批意见", dataIndex: "reason", render: orNothing },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, change) =>
              change.status === "pending" &&
              (change.proposed_by === session?.account.id ? (
                <Button
                  type="link"
                  size="small"
                  onClick={() =>
                    ask("撤回该项调整？", "撤回", () => call(api.POST("/api/employer/rate-changes/{rate_change_id}/withdrawal", seen(change))), "已撤回。")
                  }
                >
                  撤回
                </Button>
              ) : (
                <Space>
                  <Button type="link" size="small" onClick={() => ask("同意该项调整？同意后即按期执行。", "同意", () => decide(change, "approve"), "已同意，将按期执行。")}>
                    同意
                  </Button>
                  <Button type="link" size="small" danger onClick={() => setRefusing(change)}>不同意</Button>
                </Space>
              )),
          },
        ]}
        pagination={
          (data?.total ?? 0) <= PAGE_SIZE
            ? false
            : { current: page, pageSize: PAGE_SIZE, total: data?.total ?? 0, showSizeChanger: false, onChange: setPage }
        }
      />
      <Refusing
        change={refusing}
        onClose={() => setRefusing(undefined)}
        send={(change, reason) => decide(change, "reject", reason)}
        onSent={() => {
          setRefusing(undefined);
          refresh();
        }}
      />
    </>
  );
}

interface RefusingProps {
  change: RateChange | undefined;
  send: (change: RateChange, reason: string) => Promise<unknown>;
  onSent: () => void;
  onClose: () => void;
}

function Refusing({ change, send, onSent, onClose }: RefusingProps) {
  const [form] = Form.useForm<{ reason: string }>();
  return (
    <DialogForm<{ reason: string }, unknown>
      title="不同意该项调整"
      open={change !== undefined}
      form={form}
      initial={{}}
      send={({ reason }) => (change ? send(change, reason) : Promise.resolve())}
      onSent={onSent}
      onClose={onClose}
    >
      <Form.Item name="reason" label="审批意见" rules={[{ required: true, whitespace: true, message: "请填写不同意的原因" }]}>
        <Input.TextArea maxLength={200} showCount rows={3} />
      </Form.Item>
    </DialogForm>
  );
}

function what(change: RateChange, table: RateTable): string {
  if (change.subject === "limits") return `${change.year ?? ""} 年缴费基数 ${showMoney(change.lower)} 至 ${showMoney(change.upper)} 元`;
  const known = table.rates.find((rate) => rate.insurance === change.insurance)?.insurance_name ?? change.insurance ?? "";
  const kind = table.rates.find((rate) => rate.employer_kind === change.employer_kind)?.employer_kind_name ?? change.employer_kind ?? "";
  const fixed = [change.employer_fixed, change.own_fixed].some((amount) => Number(amount) > 0)
    ? `，定额 ${showMoney(change.employer_fixed)} / ${showMoney(change.own_fixed)} 元`
    : "";
  return `${known}（${kind}）：单位 ${showShare(change.employer_rate)}，个人 ${showShare(change.own_rate)}${fixed}`;
}

function when(change: RateChange): string {
  if (change.subject === "limits") return `${change.year ?? ""} 年`;
  return `${showMonth(change.first_month)} 至 ${change.last_month ? showMonth(change.last_month) : "长期"}`;
}
