/** What becomes of a report that somebody asks for: the wait is shown, then the document, the print dialogue or the file. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Modal } from "antd";
import { useState, type ReactNode } from "react";

import { SubmissionKey } from "@/api/idempotency";
import { asProblem } from "@/api/problem";
import type { Report } from "@/api/types";

import { DocumentViewer } from "./DocumentViewer";
import { download } from "./reports";

export type Purpose = "show" | "print" | "download";
export const PURPOSES: Readonly<Record<Purpose, string>> = { show: "查看", print: "打印", download: "下载" };

interface Wanted {
  report: Report;
  purpose: Purpose;
}

/** Where the file of a report is. */
type FileOf = (report: Report, disposition: "inline" | "attachment") => string;

interface ReportFlow {
  /** Which order is on its way: the `mark` it was placed with. */
  asking: string | undefined;
  ask: (send: (key: string) => Promise<Report>, purpose: Purpose, mark: string) => Promise<void>;
  /** Shows a report as it is now: the wait for it, or what was wanted of it. */
  take: (report: Report, purpose: Purpose) => void;
  /** What is waited for. */
  making: Wanted | undefined;
  /** What is looked at. */
  ready: Wanted | undefined;
  stopWaiting: () => void;
  stopLooking: () => void;
  fileOf: FileOf;
}

/** `listed` is the query of the list in which the reports appear. */
export function useReportFlow(listed: string, fileOf: FileOf): ReportFlow {
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<string>();
  const [making, setMaking] = useState<Wanted>();
  const [ready, setReady] = useState<Wanted>();

  const take = (report: Report, purpose: Purpose) => {
    void queries.invalidateQueries({ queryKey: [listed] });
    if (report.status !== "done") {
      setMaking({ report, purpose });
      return;
    }
    setMaking(undefined);
    if (purpose === "download" || report.file_type !== "pdf") download(fileOf(report, "attachment"));
    else setReady({ report, purpose });
  };
  const ask = async (send: (key: string) => Promise<Report>, purpose: Purpose, mark: string) => {
    setAsking(mark);
    try {
      take(await new SubmissionKey().attempt(send), purpose);
    } catch (thrown) {
      void message.error(asProblem(thrown).words);
    } finally {
      setAsking(undefined);
    }
  };
  return { asking, ask, take, making, ready, stopWaiting: () => setMaking(undefined), stopLooking: () => setReady(undefined), fileOf };
}

interface DialogsProps {
  flow: ReportFlow;
  title: string | undefined;
  /** The window is closed before it is made. */
  onLeave?: () => void;
  /** What is shown while it is made. */
  children: ReactNode;
}

export function ReportDialogs({ flow: { making, ready, stopWaiting, stopLooking, fileOf }, title, onLeave = stopWaiting, children }: DialogsProps) {
  return (
    <>
      <Modal open={making !== undefined} title={title} footer={null} onCancel={onLeave} destroyOnHidden>
        {children}
      </Modal>
      <DocumentViewer
        {...(ready && { url: fileOf(ready.report, "inline"), title: ready.report.title, printAtOnce: ready.purpose === "print" })}
        {...(ready?.report.verification_code != null && { code: ready.report.verification_code })}
        onClose={stopLooking}
      />
    </>
  );
}
