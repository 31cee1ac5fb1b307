/** Stop reasons that mean more than that somebody left, and what a removal will mean. */
import dayjs from "dayjs";

import { showMonth } from "@/fields/format";

export const RETIREMENT = "04";
export const DEATH = "05";

/** What the approval will mean, said before anything is submitted. */
export function outlook(reason: string | undefined, startMonth: string, stopMonth: string): string {
  if (reason === DEATH) return "审核通过后自死亡当月起停保，不再缴费；此后月份已核定的费用予以冲减。";
  if (startMonth >= stopMonth) {
    return `该次参保自 ${showMonth(startMonth)} 起，审核通过后予以取消，不产生费用；因该次参保而停保的居民医保或灵活就业参保同时恢复。`;
  }
  const end = dayjs(`${stopMonth}-01`).endOf("month").format("YYYY-MM-DD");
  if (reason === RETIREMENT) return `审核通过后本单位自 ${showMonth(stopMonth)} 起不再缴费，该人员转为退休人员，不缴费并继续享受医保待遇。`;
  return `审核通过后自 ${showMonth(stopMonth)} 起停保，停保当月费用不再缴纳，职工待遇保留至 ${end}。`;
}
