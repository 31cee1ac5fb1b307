/** Several logs as one, newest first, and where each goes on. */
import type { AuditEntry } from "@/api/types";

export const SERVICES = ["identity", "enrollment", "employer", "reporting"] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface Page {
  items: AuditEntry[];
  next: string | null;
}
/** Behind which entry each log goes on; null: there is nothing more in it. */
export type Places = Partial<Record<ServiceName, string | null>>;

const cursorOf = (entry: AuditEntry): string => `${entry.at}~${entry.id}`;

/** The newest entries of all logs, and each log's place behind the last one that is shown. */
export function merged(pages: ReadonlyMap<ServiceName, Page>, before: Places, size: number): { items: (AuditEntry & { service: ServiceName })[]; next: Places | null } {
  const all = [...pages].flatMap(([service, { items }]) => items.map((entry) => ({ ...entry, service })));
  all.sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || (a.id < b.id ? 1 : -1));
  const items = all.slice(0, size);
  const next: Places = { ...before };
  for (const [service, page] of pages) {
    const shown = items.filter((entry) => entry.service === service);
    const last = shown.at(-1);
    if (shown.length === page.items.length && page.next === null) next[service] = null;
    else if (last) next[service] = cursorOf(last);
  }
  const more = [...pages.keys()].some((service) => next[service] !== null);
  return { items, next: more ? next : null };
}
