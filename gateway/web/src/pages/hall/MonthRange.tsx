/** A range of contribution months as a condition of a report page. */
import { useQuery } from "@tanstack/react-query";
import { Form, Space } from "antd";
import dayjs, { type Dayjs } from "dayjs";

import { api, call } from "@/api/client";
import { MonthField } from "@/fields/DateField";

export interface MonthConditions {
  from_month?: string;
  to_month?: string;
}

/** As the reporting service has them: it refuses anything else. */
const FIRST_MONTH = "1990-01";
const MOST_MONTHS = 120;

/** The business month, and the one a year of months ago. */
export function useThisMonth(): { thisMonth: string; aYearBack: string } {
  const { data: online } = useQuery({
    queryKey: ["online-declaration"],
    queryFn: () => call(api.GET("/api/enrollment/online-declaration")),
    staleTime: 300_000,
  });
  const thisMonth = online?.months[0] ?? dayjs().format("YYYY-MM");
  return { thisMonth, aYearBack: dayjs(`${thisMonth}-01`).subtract(11, "month").format("YYYY-MM") };
}

/** Why months can't be asked for, or undefined. */
export function monthsRefused({ from_month, to_month }: MonthConditions): string | undefined {
  if (!from_month || !to_month) return "请选择费款所属期的起止月份";
  if (from_month > to_month) return "费款所属期的起始月不能晚于截止月";
  return dayjs(`${to_month}-01`).diff(`${from_month}-01`, "month") >= MOST_MONTHS ? `一次最多打印 ${MOST_MONTHS} 个月` : undefined;
}

export function MonthRange({ label, latest }: { label: string; latest: string }) {
  const outside = (day: Dayjs) => day.format("YYYY-MM") > latest || day.format("YYYY-MM") < FIRST_MONTH;
  return (
    <Form.Item label={label} required>
      <Space wrap>
        <Form.Item name="from_month" noStyle>
          <MonthField placeholder="起始月" forbid={outside} />
        </Form.Item>
        至
        <Form.Item name="to_month" noStyle>
          <MonthField placeholder="截止月" forbid={outside} />
        </Form.Item>
      </Space>
    </Form.Item>
  );
}
