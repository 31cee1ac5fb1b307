/** One decision for many applications: asked once, told for each. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Modal, Space, Table, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { DecisionOutcome, ReviewRow } from "@/api/types";
import { orNothing } from "@/fields/format";
import { KINDS, subjectOf } from "@/pages/applications/applicationColumns";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";

import { askForReason, ReasonField, reasonOf, type Reasoned } from "./ReasonField";

type Decision = "approve" | "reject";

interface Props {
  picked: readonly ReviewRow[];
  onDone: () => void;
}

const OUTCOMES: Readonly<Record<DecisionOutcome["outcome"], readonly [string, string]>> = {
  approved: ["审核通过", "success"],
  rejected: ["审核未通过", "error"],
  rejected_by_rule: ["复核未通过", "error"],
  not_decided: ["未办理", "warning"],
};

export function ManyDecisions({ picked, onDone }: Props) {
  const [wanted, setWanted] = useState<Decision>();
  const [outcomes, setOutcomes] = useState<readonly DecisionOutcome[]>();
  const [asked, setAsked] = useState<readonly ReviewRow[]>([]);
  const start = (decision: Decision) => {
    setAsked(picked);
    setWanted(decision);
  };
  return (
    <Space>
      <span aria-live="polite">{picked.length > 0 && `已选 ${picked.length} 件`}</span>
      <Button danger disabled={picked.length === 0} onClick={() => start("reject")}>批量不通过</Button>
      <Button type="primary" disabled={picked.length === 0} onClick={() => start("approve")}>批量通过</Button>
      <Modal
        open={wanted !== undefined}
        title={wanted === "approve" ? `审核通过 ${asked.length} 件申报` : `审核不通过 ${asked.length} 件申报`}
        footer={null}
        destroyOnHidden
        mask={{ closable: false }}
        onCancel={() => setWanted(undefined)}
      >
        {wanted !== undefined && (
          <Ask
            rows={asked}
            decision={wanted}
            onCancel={() => setWanted(undefined)}
            onDecided={(told) => {
              setWanted(undefined);
              setOutcomes(told);
              onDone();
            }}
          />
        )}
      </Modal>
      <Outcomes rows={asked} outcomes={outcomes} onClose={() => setOutcomes(undefined)} />
    </Space>
  );
}

interface AskProps {
  rows: readonly ReviewRow[];
  decision: Decision;
  onCancel: () => void;
  onDecided: (outcomes: readonly DecisionOutcome[]) => void;
}

function Ask({ rows, decision, onCancel, onDecided }: AskProps) {
  const queries = useQueryClient();
  const [form] = Form.useForm<Reasoned>();
  const decide = useMutation({
    mutationFn: (reason: string | undefined) =>
      call(
        api.POST("/api/enrollment/reviews/decisions", {
          body: { decision, items: rows.map(({ no, version }) => ({ no, version })), ...(reason && { reason }) },
        }),
      ),
    onSuccess: ({ items }) => onDecided(items),
    onSettled: () => void queries.invalidateQueries({ queryKey: ["reviews"] }),
  });
  const send = () => {
    const reason = reasonOf(form);
    if (decision === "reject" && reason === undefined) askForReason(form);
    else decide.mutate(reason);
  };
  const flagged = rows.filter((row) => row.flag !== "ok").length;
  return (
    <Form form={form} name="many-decisions" layout="vertical" onFinish={send}>
      {decide.error && <ProblemNote problem={asProblem(decide.error)} />}
      {decision === "approve" && flagged > 0 && (
        <Alert type="warning" showIcon title={`其中 ${flagged} 件系统核对有提示或尚未核对，请先逐件查看。复核不符合规则的会按不通过办结。`} />
      )}
      {decision === "reject" ? <ReasonField form={form} /> : <p>每件申报都会重新核对全部规则，逐件办理、互不影响。</p>}
      <Space>
        <Button onClick={onCancel} disabled={decide.isPending}>取消</Button>
        <Button type="primary" danger={decision === "reject"} htmlType="submit" loading={whileBusy(decide.isPending)}>
          {decision === "approve" ? "确认通过" : "确认不通过"}
        </Button>
      </Space>
    </Form>
  );
}

interface OutcomesProps {
  rows: readonly ReviewRow[];
  outcomes: readonly DecisionOutcome[] | undefined;
  onClose: () => void;
}

function Outcomes({ rows, outcomes, onClose }: OutcomesProps) {
  const byNo = new Map(rows.map((row) => [row.no, row]));
  const count = (outcome: DecisionOutcome["outcome"]) => outcomes?.filter((one) => one.outcome === outcome).length ?? 0;
  const summary = Object.entries(OUTCOMES)
    .map(([outcome, [word]]) => [word, count(outcome as DecisionOutcome["outcome"])] as const)
    .filter(([, number]) => number > 0)
    .map(([word, number]) => `${word} ${number} 件`)
    .join("，");
  return (
    <Modal open={outcomes !== undefined} title="批量审核结果" width="min(860px, 96vw)" onCancel={onClose} footer={<Button type="primary" onClick={onClose}>知道了</Button>}>
      <p role="status">{summary}</p>
      <Table
        size="small"
        rowKey={(one) => one.no}
        dataSource={outcomes ?? []}
        pagination={(outcomes?.length ?? 0) > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: "申报流水号", dataIndex: "no", className: "figures" },
          { title: "业务类型", key: "kind", render: (_, { no }) => KINDS[byNo.get(no)?.kind ?? ""] ?? "" },
          { title: "姓名/单位名称", key: "subject", render: (_, { no }) => { const row = byNo.get(no); return row ? subjectOf(row) : ""; } },
          {
            title: "结果",
            dataIndex: "outcome",
            render: (outcome: DecisionOutcome["outcome"]) => <Tag color={OUTCOMES[outcome][1]}>{OUTCOMES[outcome][0]}</Tag>,
          },
          { title: "说明", dataIndex: "detail", render: orNothing },
        ]}
      />
    </Modal>
  );
}
