/** A range of contribution months as a condition of a report page. */
import { useSuspenseQuery, type QueryClient } from "@tanstack/react-query";
import dayjs, { type Dayjs } from "dayjs";

import { MonthPair } from "@/fields/MonthPair";

import { onlineDeclarationQuery } from "./onlineDeclaration";

export interface MonthConditions {
  from_month?: string;
  to_month?: string;
}

/** As the reporting service has them: it refuses anything else. */
const FIRST_MONTH = "1990-01";
const MOST_MONTHS = 120;

/**
 * The business month, and the one a year of months ago. The page waits for it: conditions that came later would undo what a quick clerk
 * had asked for. When the hall doesn't say, it is the month of this computer's clock.
 */
export function useThisMonth(): { thisMonth: string; aYearBack: string } {
  const { data: thisMonth } = useSuspenseQuery({
    queryKey: ["business-month"],
    queryFn: async ({ client }) => (await businessMonth(client)) ?? dayjs().format("YYYY-MM"),
  });
  return { thisMonth, aYearBack: aYearBefore(thisMonth) };
}

async function businessMonth(queries: QueryClient): Promise<string | undefined> {
  try {
    return (await queries.query(onlineDeclarationQuery)).months[0];
  } catch {
    return undefined;
  }
}

/** The first month of the year of months that ends with this one. */
export const aYearBefore = (month: string): string => dayjs(`${month}-01`).subtract(11, "month").format("YYYY-MM");

/** Why months can't be asked for, or undefined. */
export function monthsRefused({ from_month, to_month }: MonthConditions): string | undefined {
  if (!from_month || !to_month) return "请选择费款所属期的起止月份";
  if (from_month > to_month) return "费款所属期的起始月不能晚于截止月";
  return dayjs(`${to_month}-01`).diff(`${from_month}-01`, "month") >= MOST_MONTHS ? `一次最多打印 ${MOST_MONTHS} 个月` : undefined;
}

export function MonthRange({ label, latest }: { label: string; latest: string }) {
  const outside = (day: Dayjs) => day.format("YYYY-MM") > latest || day.format("YYYY-MM") < FIRST_MONTH;
  return <MonthPair label={label} required forbid={outside} />;
}
