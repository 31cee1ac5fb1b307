/** 我的参保证明: months → 查看, 打印 or 下载; those made before are listed until they expire. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Empty, Form, Modal, Skeleton, Space, Table, Tag } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";

import { api, call } from "@/api/client";
import { SubmissionKey } from "@/api/idempotency";
import { asProblem } from "@/api/problem";
import type { Report } from "@/api/types";
import { MonthField } from "@/fields/DateField";
import { showMoment } from "@/fields/format";
import { DocumentViewer } from "@/pages/hall/DocumentViewer";
import { whileBusy } from "@/patterns/busy";
import { useFormName } from "@/patterns/formName";
import { hasEnded } from "@/patterns/job";
import { JobProgress } from "@/patterns/JobProgress";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import { ownEventsOf, ownFileOf, pollOwnReport } from "./ownReports";
import styles from "./person.module.css";
import { useOwnCoverage } from "./ownCoverage";
import { Recognised } from "./Recognised";

type Purpose = "show" | "print" | "download";
const PURPOSES: Readonly<Record<Purpose, string>> = { show: "查看", print: "打印", download: "下载" };

interface Wanted {
  report: Report;
  purpose: Purpose;
}
interface Range {
  from_month?: string;
  to_month?: string;
}

const LISTED = ["own-reports"];

export default function OwnCertificatePage() {
  return (
    <div className={styles.page}>
      <PageHead title="我的参保证明" hint="选择费款所属期后生成。证明带有校验码和二维码，三个月内可核验真伪。" />
      <Recognised>
        <Certificates />
      </Recognised>
    </div>
  );
}

function Certificates() {
  // The hall's month, which need not be this machine's.
  const { data: coverage, error, refetch } = useOwnCoverage();
  const queries = useQueryClient();
  const [making, setMaking] = useState<Wanted>();
  const [shown, setShown] = useState<Wanted>();

  const take = (report: Report, purpose: Purpose) => {
    void queries.invalidateQueries({ queryKey: LISTED });
    if (!hasEnded(report) || report.status !== "done") {
      setMaking({ report, purpose });
      return;
    }
    setMaking(undefined);
    if (purpose === "download") download(ownFileOf(report, "attachment"));
    else setShown({ report, purpose });
  };
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  if (!coverage) return <Skeleton active />;
  return (
    <>
      <Ask thisMonth={coverage.month} onMade={take} />
      <Made onShow={(report) => setShown({ report, purpose: "show" })} />
      <Modal open={making !== undefined} title="正在生成参保证明" footer={null} onCancel={() => setMaking(undefined)} destroyOnHidden>
        {making && <Making wanted={making} onEnd={(report) => take(report, making.purpose)} />}
      </Modal>
      <DocumentViewer
        {...(shown && { url: ownFileOf(shown.report, "inline"), title: shown.report.title, printAtOnce: shown.purpose === "print" })}
        {...(shown?.report.verification_code != null && { code: shown.report.verification_code })}
        onClose={() => setShown(undefined)}
      />
    </>
  );
}

function Ask({ thisMonth, onMade }: { thisMonth: string; onMade: (report: Report, purpose: Purpose) => void }) {
  const { message } = App.useApp();
  const [form] = Form.useForm<Range>();
  const formName = useFormName();
  const [asking, setAsking] = useState<Purpose>();

  const order = async (purpose: Purpose) => {
    const { from_month, to_month } = form.getFieldsValue();
    if (!from_month || !to_month) {
      message.warning("请选择费款所属期的起止月份");
      return;
    }
    setAsking(purpose);
    try {
      const key = new SubmissionKey();
      const report = await key.attempt((value) =>
        call(
          api.POST("/api/reporting/me/reports", {
            headers: { "Idempotency-Key": value, Prefer: "wait=5" },
            body: { from_month, to_month },
          }),
        ),
      );
      onMade(report, purpose);
    } catch (thrown) {
      const problem = asProblem(thrown);
      message.error(problem.errors[0]?.message ?? problem.words);
    } finally {
      setAsking(undefined);
    }
  };
  const later = (day: Dayjs) => day.format("YYYY-MM") > thisMonth;
  return (
    <section className={styles.card} aria-label="生成证明">
      <Form
        form={form}
        name={formName}
        layout="inline"
        className={styles.ask ?? ""}
        initialValues={{ from_month: dayjs(`${thisMonth}-01`).subtract(11, "month").format("YYYY-MM"), to_month: thisMonth }}
      >
        <Form.Item label="费款所属期" required>
          <Space wrap>
            <Form.Item name="from_month" noStyle>
              <MonthField placeholder="起始月" forbid={later} />
            </Form.Item>
            至
            <Form.Item name="to_month" noStyle>
              <MonthField placeholder="截止月" forbid={later} />
            </Form.Item>
          </Space>
        </Form.Item>
        <Space>
          {(["show", "print", "download"] as const).map((purpose) => (
            <Button
              key={purpose}
              type={purpose === "show" ? "primary" : "default"}
              loading={whileBusy(asking === purpose)}
              disabled={asking !== undefined && asking !== purpose}
              onClick={() => void order(purpose)}
            >
              {PURPOSES[purpose]}
            </Button>
          ))}
        </Space>
      </Form>
    </section>
  );
}

function Making({ wanted: { report }, onEnd }: { wanted: Wanted; onEnd: (report: Report) => void }) {
  if (report.status === "failed") return <p role="alert">没有生成成功：{report.error ?? "生成时出现异常"}。可以关闭后重试。</p>;
  return (
    <>
      <JobProgress<Report>
        job={report}
        eventsUrl={ownEventsOf(report)}
        poll={() => pollOwnReport(report)}
        onEnd={onEnd}
        waitsFor={(waiting) => waiting.error}
      />
      <p>关闭本窗口不影响生成，完成后可在下方列表中找到。</p>
    </>
  );
}

const STATES: Readonly<Record<string, readonly [string, string]>> = {
  queued: ["排队中", "default"],
  running: ["生成中", "processing"],
  done: ["已完成", "success"],
  failed: ["没有成功", "error"],
};

function Made({ onShow }: { onShow: (report: Report) => void }) {
  const [page, setPage] = useState(1);
  const { data, error, refetch } = useQuery({
    queryKey: [...LISTED, page],
    queryFn: () => call(api.GET("/api/reporting/me/reports", { params: { query: { page, page_size: 10 } } })),
    refetchInterval: (query) => (query.state.data?.items.some((report) => !hasEnded(report)) ? 1500 : false),
  });
  return (
    <section className={styles.card} aria-label="已生成的证明">
      <h2>已生成的证明</h2>
      {error && <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />}
      {!error && !data && <Skeleton active />}
      {data && (
        <Table<Report>
          size="middle"
          rowKey={(row) => row.id}
          dataSource={data.items}
          scroll={{ x: "max-content" }}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有生成过证明" /> }}
          pagination={{ current: page, pageSize: 10, total: data.total, onChange: setPage, hideOnSinglePage: true, showSizeChanger: false }}
          columns={[
            { title: "证明名称", dataIndex: "title" },
            { title: "生成时间", dataIndex: "created_at", render: showMoment },
            { title: "保留至", dataIndex: "expires_at", render: showMoment },
            {
              title: "状态",
              key: "status",
              render: (_, row) => {
                const [word, color] = STATES[row.status] ?? [row.status, "default"];
                return <Tag color={color}>{row.error ?? word}</Tag>;
              },
            },
            {
              title: "操作",
              key: "actions",
              fixed: "right",
              render: (_, row) =>
                row.status === "done" && (
                  <Space size={0}>
                    <Button type="link" size="small" onClick={() => onShow(row)}>查看</Button>
                    <Button type="link" size="small" href={ownFileOf(row, "attachment")} download="">下载</Button>
                  </Space>
                ),
            },
          ]}
        />
      )}
    </section>
  );
}

function download(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.click();
}
