/** Where one's own certificates and their events are, and how they are asked about. */
import { api, call } from "@/api/client";
import type { Report } from "@/api/types";

export const ownFileOf = (report: Report, disposition: "inline" | "attachment"): string =>
  `/api/reporting/me/reports/${report.id}/file?disposition=${disposition}`;

export const ownEventsOf = (report: Report): string => `/api/reporting/me/reports/${report.id}/events`;

export const pollOwnReport = (report: Report): Promise<Report> =>
  call(api.GET("/api/reporting/me/reports/{report_id}", { params: { path: { report_id: report.id } } }));
