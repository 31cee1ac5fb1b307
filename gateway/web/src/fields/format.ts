/** How values are shown: months, moments, money, and "nothing". */
import dayjs from "dayjs";

export const NOTHING = "—";

/** `2026-03` → 2026-03; the pages write months as the manual does: 202603. */
export const showMonth = (month: string | null | undefined): string => (month ? month.replace("-", "") : NOTHING);

export const showDate = (date: string | null | undefined): string => (date ? dayjs(date).format("YYYY-MM-DD") : NOTHING);

export const showMoment = (moment: string | null | undefined): string => (moment ? dayjs(moment).format("YYYY-MM-DD HH:mm") : NOTHING);

/** Decimal string with thousands separators, never through a float: `12345.60` → 12,345.60. */
export function showMoney(amount: string | number | null | undefined): string {
  if (amount === null || amount === undefined || amount === "") return NOTHING;
  const [whole = "0", fen = ""] = String(amount).split(".");
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",")}.${fen.padEnd(2, "0").slice(0, 2)}`;
}

export const orNothing = (value: string | number | null | undefined): string =>
  value === null || value === undefined || value === "" ? NOTHING : String(value);

/** How long ago, for the age of an application: 3 小时, 2 天. */
export function age(since: string, now: number = Date.now()): string {
  const minutes = Math.max(0, Math.floor((now - new Date(since).getTime()) / 60_000));
  if (minutes < 60) return `${minutes} 分钟`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} 小时`;
  return `${Math.floor(minutes / 1440)} 天`;
}

/** Region and detail of an address in one line. */
export const placeOf = (region: string, detail: string | null | undefined): string =>
  [region, detail].filter((part) => part && part !== NOTHING).join(" ") || NOTHING;
