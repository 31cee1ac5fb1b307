/** Where a report's file and events are, and how it is asked about. */
import { api, call } from "@/api/client";
import type { Report } from "@/api/types";

export const fileOf = (report: Report, disposition: "inline" | "attachment"): string =>
  `/api/reporting/reports/${report.id}/file?disposition=${disposition}`;

export const eventsOf = (report: Report): string => `/api/reporting/reports/${report.id}/events`;

export const pollReport = (report: Report): Promise<Report> =>
  call(api.GET("/api/reporting/reports/{report_id}", { params: { path: { report_id: report.id } } }));
