/** One application on the reviewer's desk: findings of the checks, what would change, the decision. */
import { ArrowRightOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Descriptions, Drawer, Form, Skeleton, Space, Table } from "antd";

import { api, call, callWithHeaders } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ReviewDetail } from "@/api/types";
import { age, orNothing, showMoment, showMonth } from "@/fields/format";
import { KINDS, StateTag } from "@/pages/applications/applicationColumns";
import { DeclaredFacts } from "@/pages/applications/DeclaredFacts";
import { EffectList } from "@/pages/applications/EffectList";
import { Findings } from "@/pages/applications/Findings";
import { ProblemNote } from "@/patterns/ProblemNote";
import { Revealed } from "@/patterns/Revealed";
import { whileBusy } from "@/patterns/busy";

import { askForReason, ReasonField, reasonOf, type Reasoned } from "./ReasonField";
import styles from "./ReviewDrawer.module.css";
import { useOtherClaim } from "./useClaim";

export function ReviewDrawer({ no, onClose }: { no: string | undefined; onClose: () => void }) {
  return (
    <Drawer open={no !== undefined} onClose={onClose} size="min(900px, 100vw)" title="审核申报" destroyOnHidden classNames={{ body: styles.body ?? "" }}>
      {no !== undefined && <Desk no={no} onDone={onClose} />}
    </Drawer>
  );
}

function Desk({ no, onDone }: { no: string; onDone: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["review", no],
    queryFn: () => callWithHeaders(api.GET("/api/enrollment/reviews/{no}", { params: { path: { no } } })),
    staleTime: 0,
  });
  const other = useOtherClaim(no, data?.data.status === "pending");
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  if (!data) return <Skeleton active className={styles.sheet ?? ""} />;
  const review = data.data;
  return (
    <>
      <div className={styles.sheet}>
        {other && (
          <Alert
            className={styles.claimed ?? ""}
            type="warning"
            showIcon
            title={`${other.reviewer_name}正在审核该申报`}
            description="您仍可办理，先提交的结论有效；建议先与对方确认，或先审核其他申报。"
          />
        )}
        <Descriptions
          bordered
          size="small"
          column={{ xs: 1, sm: 2 }}
          items={[
            { key: "unit", label: "申报单位", children: review.employer_name },
            { key: "unit-no", label: "单位编号", children: <span className="figures">{review.employer_no}</span> },
            { key: "no", label: "申报流水号", children: <span className="figures">{review.no}</span> },
            { key: "kind", label: "业务类型", children: KINDS[review.kind] ?? review.kind },
            { key: "submitted", label: "提交时间", children: showMoment(review.submitted_at) },
            { key: "status", label: "状态", children: <StateTag status={review.status} automatic={review.decided_automatically} /> },
            ...(review.status === "pending"
              ? [{ key: "waiting", label: "等待时长", children: age(review.submitted_at) }]
              : [
                  { key: "by", label: "审核人", children: orNothing(review.decided_by_name) },
                  { key: "at", label: "审核时间", children: showMoment(review.decided_at) },
                  { key: "reason", label: "审核意见", span: "filled" as const, children: orNothing(review.decision_reason) },
                ]),
          ]}
        />
        <Findings findings={review.findings} />
        <Changes review={review} />
        <EffectList effect={review.effect} />
        <DeclaredFacts
          application={review}
          revealed={{
            idNumber: <Revealed label="证件号码" masked={review.id_number_masked} disclose={() => disclose(no, "id_number")} />,
            mobile: <Revealed label="手机号码" masked={review.form["person"]?.["mobile"]} disclose={() => disclose(no, "mobile")} />,
          }}
        />
      </div>
      {review.status === "pending" && <Decision no={no} etag={data.headers.get("etag") ?? ""} refresh={() => void refetch()} onDone={onDone} />}
    </>
  );
}

/** The full number, for once: not through the query cache, which would keep it. */
async function disclose(no: string, field: "id_number" | "mobile"): Promise<string | null | undefined> {
  const request = { params: { path: { no } }, body: { fields: [field] } };
  return (await call(api.POST("/api/enrollment/reviews/{no}/disclosures", request)))[field];
}

function Changes({ review }: { review: ReviewDetail }) {
  if (review.changes.length === 0 && review.coverage_before.length === 0 && review.coverage_after.length === 0) return null;
  return (
    <section className={styles.block} aria-label="审核通过后的变化">
      <h3>审核通过后的变化</h3>
      <div className={styles.sides}>
        <Covers title="现有参保关系" covers={review.coverage_before} nothing="目前没有参保" />
        <ArrowRightOutlined aria-hidden="true" />
        <Covers title="通过后" covers={review.coverage_after} nothing="不再参保" />
      </div>
      {review.changes.length > 0 && (
        <Table
          size="small"
          pagination={false}
          rowKey={(change) => change.field}
          dataSource={review.changes}
          columns={[
            { title: "人员信息", dataIndex: "title", width: 140 },
            { title: "现在", dataIndex: "before", render: orNothing },
            { title: "通过后", dataIndex: "after", render: (after: string | null, { note }) => (
              <>
                <b>{orNothing(after)}</b>
                {note && <small className={styles.note}>{note}</small>}
              </>
            ) },
          ]}
        />
      )}
    </section>
  );
}

function Covers({ title, covers, nothing }: { title: string; covers: ReviewDetail["coverage_before"]; nothing: string }) {
  return (
    <div className={styles.covers}>
      <b>{title}</b>
      {covers.length === 0 && <p>{nothing}</p>}
      <ul>
        {covers.map((cover) => (
          <li key={cover.insurance + cover.start_month}>
            {cover.insurance_name}
            <small>
              {cover.holder_name} · {showMonth(cover.start_month)} 起{cover.stop_month == null ? "" : `，至 ${showMonth(cover.stop_month)}`}
            </small>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface DecisionProps {
  no: string;
  etag: string;
  refresh: () => void;
  onDone: () => void;
}

function Decision({ no, etag, refresh, onDone }: DecisionProps) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Reasoned>();
  const decide = useMutation({
    mutationFn: (decision: "approve" | "reject") => {
      const reason = reasonOf(form);
      return call(
        api.POST("/api/enrollment/reviews/{no}/decision", {
          params: { path: { no } },
          headers: { "If-Match": etag },
          body: { decision, ...(reason && { reason }) },
        }),
      );
    },
    onSuccess: (application) => {
      if (application.status === "approved") message.success("已审核通过");
      else message.info(`未通过：${application.decision_reason ?? ""}`);
      onDone();
    },
    onError: (thrown) => {
      const problem = asProblem(thrown);
      const fault = problem.errors.find(({ pointer }) => pointer === "/reason");
      if (fault) form.setFields([{ name: "reason", errors: [fault.message] }]);
      else refresh();
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["reviews"] }),
  });
  const reject = () => (reasonOf(form) === undefined ? askForReason(form) : decide.mutate("reject"));
  const problem = decide.error ? asProblem(decide.error) : undefined;
  return (
    <Form form={form} name="decision" className={styles.decision ?? ""} layout="vertical">
      {problem && problem.errors.length === 0 && <ProblemNote problem={problem} />}
      <ReasonField form={form} />
      <Space className={styles.buttons}>
        <Button danger size="large" onClick={reject} loading={whileBusy(decide.isPending && decide.variables === "reject")} disabled={decide.isPending}>不通过</Button>
        <Button type="primary" size="large" onClick={() => decide.mutate("approve")} loading={whileBusy(decide.isPending && decide.variables === "approve")} disabled={decide.isPending}>
          审核通过
        </Button>
      </Space>
    </Form>
  );
}
