/** Asking for a report of the unit from any page. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Space } from "antd";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";

import { asProblem } from "@/api/problem";
import type { Report } from "@/api/types";
import { whileBusy } from "@/patterns/busy";
import { hasEnded } from "@/patterns/job";
import { JobProgress } from "@/patterns/JobProgress";

import { ReportDialogs, useReportFlow, type Purpose } from "./reportFlow";
import { cancelReport, eventsOf, fileOf, placeOrder, pollReport, repeatReport, tellWhenEnded, type Order } from "./reports";

interface Reports {
  /** Which order is on its way: the `mark` it was placed with. */
  asking: string | undefined;
  order: (order: Order, purpose: Purpose, mark: string) => Promise<void>;
  repeat: (report: Report, purpose: Purpose, mark: string) => Promise<void>;
  /** Shows a report that is there, or fetches it. */
  open: (report: Report, purpose: Purpose) => void;
  /** To be put on the page: the dialogues. */
  dialogs: ReactNode;
}

export function useReports(): Reports {
  const { notification } = App.useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const flow = useReportFlow("reports", fileOf);
  const { asking, ask, take, making, stopWaiting } = flow;
  const repeat = (report: Report, purpose: Purpose, mark: string) => ask((key) => repeatReport(report, key), purpose, mark);

  const tell = (ended: Report) => {
    void queries.invalidateQueries({ queryKey: ["reports"] });
    if (ended.status === "cancelled") return;
    const toTheCentre = () => {
      notification.destroy(ended.id);
      void navigate("/hall/reports");
    };
    notification[ended.status === "done" ? "success" : "warning"]({
      key: ended.id,
      title: ended.status === "done" ? "报表已生成" : "报表没有生成成功",
      description: ended.status === "done" ? ended.title : `${ended.title}：${ended.error ?? "生成时出现异常"}`,
      actions: <Button size="small" onClick={toTheCentre}>去报表中心</Button>,
      placement: "bottomRight",
      duration: false,
    });
  };
  const leave = (report: Report) => {
    stopWaiting();
    if (!hasEnded(report)) tellWhenEnded(report, tell);
  };

  return {
    asking,
    order: (order, purpose, mark) => ask((key) => placeOrder(order, key), purpose, mark),
    repeat,
    open: take,
    dialogs: (
      <ReportDialogs flow={flow} title={making && headOf(making.report)} onLeave={() => making && leave(making.report)}>
        {making && (
          <Making
            key={making.report.id}
            report={making.report}
            busy={asking !== undefined}
            onEnd={(report) => take(report, making.purpose)}
            onAgain={() => void repeat(making.report, making.purpose, making.report.id)}
            onCancelled={stopWaiting}
          />
        )}
      </ReportDialogs>
    ),
  };
}

const headOf = (report: Report) => (hasEnded(report) ? report.title : `正在生成：${report.title}`);

interface MakingProps {
  report: Report;
  busy: boolean;
  onEnd: (report: Report) => void;
  onAgain: () => void;
  onCancelled: () => void;
}

function Making({ report, busy, onEnd, onAgain, onCancelled }: MakingProps) {
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [cancelling, setCancelling] = useState(false);
  const cancel = async () => {
    setCancelling(true);
    try {
      await cancelReport(report);
      onCancelled();
    } catch (thrown) {
      void message.error(asProblem(thrown).words);
    } finally {
      setCancelling(false);
      void queries.invalidateQueries({ queryKey: ["reports"] });
    }
  };
  if (hasEnded(report)) {
    return (
      <Space orientation="vertical">
        <p role="alert">{report.status === "cancelled" ? "已取消，没有生成。" : `没有生成成功：${report.error ?? "生成时出现异常"}`}</p>
        <Button type="primary" loading={whileBusy(busy)} onClick={onAgain}>重新生成</Button>
      </Space>
    );
  }
  return (
    <>
      <JobProgress<Report>
        job={report}
        eventsUrl={eventsOf(report)}
        poll={() => pollReport(report)}
        onEnd={onEnd}
        unit={report.kind === "insurance_certificates" ? "人" : "行"}
        waitsFor={(waiting) => waiting.error}
      />
      <p>关闭本窗口不影响生成，完成后会在页面上提示，也可在“报表中心”中找到。</p>
      <Button loading={whileBusy(cancelling)} onClick={() => void cancel()}>取消生成</Button>
    </>
  );
}
