/** 缴费核定: run a month, watch it, see the earlier runs. */
import { Button, Form, Modal, Tag } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { api, call } from "@/api/client";
import { SubmissionKey } from "@/api/idempotency";
import { asProblem, type Problem } from "@/api/problem";
import type { Assessment, Row } from "@/api/types";
import { MonthField } from "@/fields/DateField";
import { orNothing, showMoment, showMonth } from "@/fields/format";
import { hasEnded } from "@/patterns/job";
import { JobProgress } from "@/patterns/JobProgress";
import { LookupPage } from "@/patterns/LookupPage";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";

type Run = Row<"/api/employer/assessments", "get">;

const STATES: Readonly<Record<string, readonly [string, string]>> = {
  queued: ["排队中", "default"],
  running: ["核定中", "processing"],
  done: ["已完成", "success"],
  failed: ["没有成功", "error"],
  cancelled: ["已取消", "default"],
};

export default function AssessmentsPage() {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <LookupPage<object, Run>
        title="缴费核定"
        hint="按费款所属期核定全部参保关系的应缴费用。重复核定同一月份不会产生重复费用，只补差额。"
        queryKey="assessments"
        searchAtOnce
        emptyText="还没有核定过"
        rowKey={(row) => row.id}
        actions={() => <Button type="primary" onClick={() => setAsking(true)}>核定一个月份</Button>}
        search={(_, page, page_size) => call(api.GET("/api/employer/assessments", { params: { query: { page, page_size } } }))}
        refreshWhile={(items) => items.some((item) => !hasEnded(item))}
        columns={[
          { title: "费款所属期", dataIndex: "month", render: showMonth },
          {
            title: "状态",
            key: "status",
            render: (_, { status, error }) => {
              const [word, color] = STATES[status] ?? [status, "default"];
              return <Tag color={color}>{error ? `${word}：${error.detail}` : word}</Tag>;
            },
          },
          { title: "核定条数", dataIndex: "rows", align: "right", render: orNothing },
          { title: "无费率未核定", dataIndex: "unpriced", align: "right", render: orNothing },
          { title: "开始时间", dataIndex: "created_at", render: showMoment },
          { title: "完成时间", dataIndex: "finished_at", render: showMoment },
        ]}
      />
      <Modal open={asking} title="核定一个月份" footer={null} onCancel={() => setAsking(false)} destroyOnHidden>
        <NewRun onClose={() => setAsking(false)} />
      </Modal>
    </>
  );
}

function NewRun({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const submission = useRef<SubmissionKey>(null);
  const [form] = Form.useForm<{ month: string }>();
  const [run, setRun] = useState<Assessment>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);

  const start = async ({ month }: { month: string }) => {
    submission.current ??= new SubmissionKey();
    setBusy(true);
    setProblem(undefined);
    try {
      const started = await submission.current.attempt((key) =>
        call(api.POST("/api/employer/assessments", { headers: { "Idempotency-Key": key }, body: { month } })),
      );
      setRun(started);
      void queries.invalidateQueries({ queryKey: ["assessments"] });
    } catch (thrown) {
      const refused = asProblem(thrown);
      const fault = refused.errors.find(({ pointer }) => pointer === "/month");
      if (fault) form.setFields([{ name: "month", errors: [fault.message] }]);
      else setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  if (run) {
    const assessment_id = run.id;
    return (
      <>
        <p>
          {hasEnded(run)
            ? `${showMonth(run.month)} 核定${run.status === "done" ? `完成，共 ${run.rows ?? 0} 条` : `没有成功：${run.error?.detail ?? "请稍后再试"}`}。`
            : `正在核定 ${showMonth(run.month)}。关闭本窗口不影响核定。`}
        </p>
        <JobProgress<Assessment>
          job={run}
          unit="批"
          eventsUrl={`/api/employer/assessments/${assessment_id}/events`}
          poll={() => call(api.GET("/api/employer/assessments/{assessment_id}", { params: { path: { assessment_id } } }))}
          onEnd={(ended) => {
            setRun(ended);
            void queries.invalidateQueries({ queryKey: ["assessments"] });
          }}
        />
        <div className="modal-actions"><Button onClick={onClose}>关闭</Button></div>
      </>
    );
  }
  return (
    <Form form={form} name="assessment" layout="vertical" onFinish={(values) => void start(values)}>
      {problem && <ProblemNote problem={problem} />}
      <Form.Item name="month" label="费款所属期" rules={[{ required: true, message: "请选择费款所属期" }]}>
        <MonthField />
      </Form.Item>
      <div className="modal-actions">
        <Button onClick={onClose}>取消</Button>
        <Button type="primary" htmlType="submit" loading={whileBusy(busy)}>开始核定</Button>
      </div>
    </Form>
  );
}
