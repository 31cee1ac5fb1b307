/** One's own certificates: how they are asked for and about, where their files and events are. */
import { api, call } from "@/api/client";
import type { Report } from "@/api/types";

/** Asks for a certificate; a quick one comes back finished. */
export const orderOwn = (months: { from_month: string; to_month: string }, key: string): Promise<Report> =>
  call(api.POST("/api/reporting/me/reports", { headers: { "Idempotency-Key": key, Prefer: "wait=5" }, body: months }));

export const ownFileOf = (report: Report, disposition: "inline" | "attachment"): string =>
  `/api/reporting/me/reports/${report.id}/file?disposition=${disposition}`;

export const ownEventsOf = (report: Report): string => `/api/reporting/me/reports/${report.id}/events`;

export const pollOwnReport = (report: Report): Promise<Report> =>
  call(api.GET("/api/reporting/me/reports/{report_id}", { params: { path: { report_id: report.id } } }));
