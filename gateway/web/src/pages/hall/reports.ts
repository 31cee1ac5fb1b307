/** Reports of the unit: how they are asked for, where their files and events are. */
import { api, call } from "@/api/client";
import type { Body, Report } from "@/api/types";
import { followJob, hasEnded } from "@/patterns/job";
import { withStepUp } from "@/session/stepUp";

/** What may be left out: identity numbers are masked unless full ones are asked for. */
type Masked<F extends { full_numbers: boolean }> = Omit<F, "full_numbers"> & Partial<Pick<F, "full_numbers">>;
export type ReportForm = Masked<Body<"/api/reporting/reports", "post">>;
export type ExportForm = Masked<Body<"/api/reporting/exports", "post">>;
/** A document to print or a workbook to export. */
export type Order = { route: "reports"; form: ReportForm } | { route: "exports"; form: ExportForm };

export const fileOf = (report: Report, disposition: "inline" | "attachment"): string =>
  `/api/reporting/reports/${report.id}/file?disposition=${disposition}`;

export const eventsOf = (report: Report): string => `/api/reporting/reports/${report.id}/events`;

const withId = (report: Report) => ({ params: { path: { report_id: report.id } } });

export const pollReport = (report: Report): Promise<Report> => call(api.GET("/api/reporting/reports/{report_id}", withId(report)));

/** Calls `tell` with the report once it has ended, whatever page is open by then. Quiet when the unit is another or nobody is signed in. */
export const tellWhenEnded = (report: Report, tell: (ended: Report) => void): void => {
  const poll = () => call(api.GET("/api/reporting/reports/{report_id}", withId(report)), { quiet: true, background: true });
  followJob(eventsOf(report), poll, (now) => hasEnded(now) && tell(now), () => undefined);
};

const WAIT = "wait=4";

/** Asks for a report; a quick one comes back finished. Full numbers take a raised session. */
export const placeOrder = (order: Order, key: string): Promise<Report> =>
  withStepUp(() => {
    const headers = { "Idempotency-Key": key, Prefer: WAIT };
    return order.route === "reports"
      ? call(api.POST("/api/reporting/reports", { headers, body: { full_numbers: false, ...order.form } }))
      : call(api.POST("/api/reporting/exports", { headers, body: { full_numbers: false, ...order.form } }));
  });

export const repeatReport = (report: Report, key: string): Promise<Report> =>
  withStepUp(() =>
    call(api.POST("/api/reporting/reports/{report_id}/repetition", { ...withId(report), headers: { "Idempotency-Key": key, Prefer: WAIT } })),
  );

export const cancelReport = (report: Report): Promise<Report> =>
  call(api.POST("/api/reporting/reports/{report_id}/cancellation", withId(report)));

export const deleteReport = (report: Report): Promise<unknown> => call(api.DELETE("/api/reporting/reports/{report_id}", withId(report)));

/** How far a report is, in words and colour. */
export const REPORT_STATES: Readonly<Record<Report["status"], readonly [string, string]>> = {
  queued: ["排队中", "default"],
  running: ["生成中", "processing"],
  done: ["已完成", "success"],
  failed: ["没有成功", "error"],
  cancelled: ["已取消", "default"],
};

export function download(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.click();
}
