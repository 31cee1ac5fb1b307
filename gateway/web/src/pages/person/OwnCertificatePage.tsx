/** 我的参保证明: months → 查看, 打印 or 下载; those made before are listed until they expire. */
import { useQuery } from "@tanstack/react-query";
import { App, Button, Empty, Form, Skeleton, Space, Table, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Report } from "@/api/types";
import { showMoment } from "@/fields/format";
import { aYearBefore, MonthRange, type MonthConditions } from "@/pages/hall/MonthRange";
import { PURPOSES, ReportDialogs, useReportFlow, type Purpose } from "@/pages/hall/reportFlow";
import { REPORT_STATES } from "@/pages/hall/reports";
import { whileBusy } from "@/patterns/busy";
import { useFormName } from "@/patterns/formName";
import { hasEnded } from "@/patterns/job";
import { JobProgress } from "@/patterns/JobProgress";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import { orderOwn, ownEventsOf, ownFileOf, pollOwnReport } from "./ownReports";
import styles from "./person.module.css";
import { useOwnCoverage } from "./ownCoverage";
import { Recognised } from "./Recognised";

const LISTED = "own-reports";

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
  const flow = useReportFlow(LISTED, ownFileOf);
  const { take, making } = flow;
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  if (!coverage) return <Skeleton active />;
  return (
    <>
      <Ask thisMonth={coverage.month} asking={flow.asking} onAsk={(months, purpose) => void flow.ask((key) => orderOwn(months, key), purpose, purpose)} />
      <Made onShow={(report) => take(report, "show")} />
      <ReportDialogs flow={flow} title="正在生成参保证明">
        {making && <Making report={making.report} onEnd={(report) => take(report, making.purpose)} />}
      </ReportDialogs>
    </>
  );
}

interface AskProps {
  thisMonth: string;
  asking: string | undefined;
  onAsk: (months: Required<MonthConditions>, purpose: Purpose) => void;
}

function Ask({ thisMonth, asking, onAsk }: AskProps) {
  const { message } = App.useApp();
  const [form] = Form.useForm<MonthConditions>();
  const formName = useFormName();

  const order = (purpose: Purpose) => {
    const { from_month, to_month } = form.getFieldsValue();
    if (!from_month || !to_month) message.warning("请选择费款所属期的起止月份");
    else onAsk({ from_month, to_month }, purpose);
  };
  return (
    <section className={styles.card} aria-label="生成证明">
      <Form
        form={form}
        name={formName}
        layout="inline"
        className={styles.ask ?? ""}
        initialValues={{ from_month: aYearBefore(thisMonth), to_month: thisMonth }}
      >
        <MonthRange label="费款所属期" latest={thisMonth} />
        <Space>
          {(["show", "print", "download"] as const).map((purpose) => (
            <Button
              key={purpose}
              type={purpose === "show" ? "primary" : "default"}
              loading={whileBusy(asking === purpose)}
              disabled={asking !== undefined && asking !== purpose}
              onClick={() => order(purpose)}
            >
              {PURPOSES[purpose]}
            </Button>
          ))}
        </Space>
      </Form>
    </section>
  );
}

function Making({ report, onEnd }: { report: Report; onEnd: (report: Report) => void }) {
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

function Made({ onShow }: { onShow: (report: Report) => void }) {
  const [page, setPage] = useState(1);
  const { data, error, refetch } = useQuery({
    queryKey: [LISTED, page],
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
                const [word, color] = REPORT_STATES[row.status];
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
