/** 报表中心: what was made for this unit, how far the rest is, and the files. */
import { Button, Progress, Space, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { Report } from "@/api/types";
import { showMoment } from "@/fields/format";
import { hasEnded, percentOf } from "@/patterns/job";
import { LookupPage } from "@/patterns/LookupPage";

import { DocumentViewer } from "./DocumentViewer";
import { fileOf } from "./reports";

const STATES: Readonly<Record<string, readonly [string, string]>> = {
  queued: ["排队中", "default"],
  running: ["生成中", "processing"],
  done: ["已完成", "success"],
  failed: ["没有成功", "error"],
  cancelled: ["已取消", "default"],
  expired: ["已过期", "default"],
};

export default function ReportsPage() {
  const [shown, setShown] = useState<Report>();
  return (
    <>
      <LookupPage<object, Report>
        title="报表中心"
        hint="本单位生成的证明与报表，过期后自动清除。"
        queryKey="reports"
        searchAtOnce
        emptyText="还没有生成过报表"
        rowKey={(row) => row.id}
        search={(_, page, page_size) => call(api.GET("/api/reporting/reports", { params: { query: { page, page_size } } }))}
        refreshWhile={(items) => items.some((item) => !hasEnded(item))}
        columns={[
          { title: "报表名称", dataIndex: "title" },
          { title: "生成时间", dataIndex: "created_at", render: showMoment },
          { title: "有效期至", dataIndex: "expires_at", render: showMoment },
          { title: "状态", key: "status", render: (_, row) => <State report={row} /> },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) =>
              row.status === "done" && (
                <Space size={0}>
                  <Button type="link" size="small" onClick={() => setShown(row)}>查看</Button>
                  <Button type="link" size="small" href={fileOf(row, "attachment")} download="">下载</Button>
                </Space>
              ),
          },
        ]}
      />
      <DocumentViewer
        {...(shown && { url: fileOf(shown, "inline"), title: shown.title })}
        {...(shown?.verification_code != null && { code: shown.verification_code })}
        onClose={() => setShown(undefined)}
      />
    </>
  );
}

function State({ report }: { report: Report }) {
  const [word, color] = STATES[report.status] ?? [report.status, "default"];
  if (!hasEnded(report)) {
    return (
      <Space>
        <Tag color={report.error ? "warning" : color}>{report.error ?? word}</Tag>
        <Progress type="circle" size={22} percent={percentOf(report) ?? 0} aria-label="生成进度" />
      </Space>
    );
  }
  return <Tag color={color} title={report.error ?? undefined}>{report.status === "failed" && report.error ? `${word}：${report.error}` : word}</Tag>;
}
