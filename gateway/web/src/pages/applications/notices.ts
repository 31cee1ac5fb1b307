/** 站内消息: the unit's notices, live by server-sent events while the page is looked at, by polling where those fail. */
import type { Notices } from "@/api/types";

const STREAM = "/api/enrollment/applications/events";
const POLL_MS = 15_000;
/** A stream that breaks so often in a row doesn't get through here. */
const MOST_BREAKS = 3;

export type Decision = Notices["items"][number];
export type ReportNotice = Notices["reports"][number];
type Entry = { at: string; decision: Decision; report?: never } | { at: string; decision?: never; report: ReportNotice };

/** Decisions and reports in one list, new ones first. */
export function latestOf(notices: Notices | undefined): readonly Entry[] {
  const entries: Entry[] = [
    ...(notices?.items ?? []).map((decision) => ({ at: decision.decided_at ?? "", decision })),
    ...(notices?.reports ?? []).map((report) => ({ at: report.told_at, report })),
  ];
  return entries.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}

/** What differs between two states: whether anything happened to the unit's applications, and what was decided. */
export function newsBetween(before: Notices | undefined, now: Notices): { changed: boolean; decided: Notices["items"] } {
  if (before === undefined || before.employer_no !== now.employer_no) return { changed: false, decided: [] };
  const known = new Set(before.items.map((item) => item.no));
  const since = before.items[0]?.decided_at ?? "";
  const decided = now.items.filter((item) => !known.has(item.no) && (item.decided_at ?? "") >= since);
  return { changed: decided.length > 0 || before.pending !== now.pending, decided };
}

/**
 * Calls `show` with each state for as long as the page can be seen. Returns how to stop. A hidden page holds no
 * connection: a browser has only six for all tabs of the hall.
 */
export function followNotices(show: (notices: Notices) => void, read: () => Promise<Notices>): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let breaks = 0;
  let stopped = false;
  const pause = () => {
    source?.close();
    source = undefined;
    window.clearTimeout(timer);
  };
  const poll = async () => {
    try {
      show(await read());
    } catch {
      // Whatever it is, the next look may go well; an ended session is told by the client itself.
    }
    if (!stopped && !document.hidden) timer = window.setTimeout(() => void poll(), POLL_MS);
  };
  const listen = () => {
    source = new EventSource(STREAM);
    source.addEventListener("notices", (event: MessageEvent<string>) => {
      breaks = 0;
      show(JSON.parse(event.data) as Notices);
    });
    source.addEventListener("error", () => {
      breaks += 1;
      if (source?.readyState !== EventSource.CLOSED && breaks < MOST_BREAKS) return; // it connects again by itself
      pause();
      void poll();
    });
  };
  const look = () => {
    pause();
    if (stopped || document.hidden) return;
    if (breaks < MOST_BREAKS) listen();
    else void poll();
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    stopped = true;
    document.removeEventListener("visibilitychange", look);
    pause();
  };
}
