/** 报表中心: what was made for this unit, how far the rest is, and the files. */
import { App, Button, Grid, Popconfirm, Progress, Space, Tag, Typography } from "antd";
import { useQueryClient } from "@tanstack/react-query";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Report } from "@/api/types";
import { NOTHING, showMoment, showMonth } from "@/fields/format";
import { hasEnded, percentOf } from "@/patterns/job";
import { LookupPage } from "@/patterns/LookupPage";
import { whileBusy } from "@/patterns/busy";

import { cancelReport, deleteReport, REPORT_STATES } from "./reports";
import styles from "./ReportsPage.module.css";
import { useReports } from "./useReports";

const TYPES: Readonly<Record<string, string>> = { pdf: "PDF", zip: "压缩包", xlsx: "Excel" };

export default function ReportsPage() {
  const { message } = App.useApp();
  const queries = useQueryClient();
  const { asking, open, repeat, dialogs } = useReports();
  const wide = Grid.useBreakpoint().md ?? true;
  const change = async (act: (report: Report) => Promise<unknown>, report: Report) => {
    try {
      await act(report);
    } catch (thrown) {
      void message.error(asProblem(thrown).words);
    }
    await queries.invalidateQueries({ queryKey: ["reports"] });
  };
  return (
    <>
      <LookupPage<object, Report>
        title="报表中心"
        hint="本单位生成的证明、报表与导出文件，过期后自动清除。"
        queryKey="reports"
        searchAtOnce
        emptyText="还没有生成过报表"
        rowKey={(row) => row.id}
        search={(_, page, page_size) => call(api.GET("/api/reporting/reports", { params: { query: { page, page_size } } }))}
        refreshWhile={(items) => items.some((item) => !hasEnded(item))}
        columns={[
          { title: "报表名称", key: "title", render: (_, row) => <Name report={row} /> },
          { title: "费款所属期", key: "months", render: (_, row) => (row.from_month ? `${showMonth(row.from_month)}-${showMonth(row.to_month)}` : NOTHING) },
          { title: "文件", key: "file", render: (_, row) => (row.file_type ? `${TYPES[row.file_type] ?? row.file_type}，${sizeOf(row.file_size)}` : NOTHING) },
          { title: "生成时间", dataIndex: "created_at", render: showMoment },
          { title: "有效期至", dataIndex: "expires_at", render: showMoment },
          { title: "状态", key: "status", render: (_, row) => <State report={row} /> },
          {
            title: "操作",
            key: "actions",
            fixed: wide ? "right" : false, // on a telephone it would cover the names
            render: (_, row) => (
              <Space size={0}>
                {row.status === "done" && row.file_type === "pdf" && <Button type="link" size="small" onClick={() => open(row, "show")}>查看</Button>}
                {row.status === "done" && <Button type="link" size="small" onClick={() => open(row, "download")}>下载</Button>}
                {hasEnded(row) ? (
                  <>
                    <Button type="link" size="small" loading={whileBusy(asking === row.id)} onClick={() => void repeat(row, "show", row.id)}>重新生成</Button>
                    <Popconfirm title="删除这份报表？" description="文件一并删除；已打印的证明仍可核验。" okText="删除" cancelText="取消" onConfirm={() => void change(deleteReport, row)}>
                      <Button type="link" size="small" danger>删除</Button>
                    </Popconfirm>
                  </>
                ) : (
                  <Button type="link" size="small" onClick={() => void change(cancelReport, row)}>取消</Button>
                )}
              </Space>
            ),
          },
        ]}
      />
      {dialogs}
    </>
  );
}

function sizeOf(bytes: number | null | undefined): string {
  if (bytes == null) return NOTHING;
  return bytes < 1_048_576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

/** Its title, and below it why there is none of it: too long for a column of its own. */
function Name({ report }: { report: Report }) {
  return (
    <>
      {report.title}
      {report.status === "failed" && report.error && (
        <Typography.Paragraph type="danger" className={styles.reason ?? ""}>{report.error}</Typography.Paragraph>
      )}
    </>
  );
}

function State({ report }: { report: Report }) {
  const [word, color] = REPORT_STATES[report.status];
  if (!hasEnded(report)) {
    return (
      <Space>
        <Tag color={report.error ? "warning" : color}>{report.error ?? word}</Tag>
        {report.total != null && <Progress type="circle" size={22} percent={percentOf(report) ?? 0} aria-label="生成进度" />}
        {report.total == null && report.progress > 0 && <span>已处理 {report.progress} 行</span>}
      </Space>
    );
  }
  return <Tag color={color}>{word}</Tag>;
}
