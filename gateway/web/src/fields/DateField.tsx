/** Dates and months as the hall sends them: plain strings, `2026-03-10` and `2026-03`. */
import { DatePicker } from "antd";
import dayjs, { type Dayjs } from "dayjs";

import styles from "./fields.module.css";

interface Props {
  id?: string;
  value?: string | null;
  onChange?: (value: string | undefined) => void;
  disabled?: boolean;
  placeholder?: string;
  /** Days that can't be chosen. */
  forbid?: (day: Dayjs) => boolean;
  allowClear?: boolean;
}

export function DateField({ id, value, onChange, disabled, placeholder = "如 2026-03-10", forbid, allowClear = true }: Props) {
  return (
    <DatePicker
      className={styles.whole}
      {...(id !== undefined && { id })}
      value={value ? dayjs(value) : null}
      format={["YYYY-MM-DD", "YYYYMMDD", "YYYY/M/D"]}
      placeholder={placeholder}
      disabled={disabled ?? false}
      allowClear={allowClear}
      {...(forbid && { disabledDate: forbid })}
      onChange={(day: Dayjs | null) => onChange?.(day ? day.format("YYYY-MM-DD") : undefined)}
    />
  );
}

export function MonthField({ id, value, onChange, disabled, placeholder = "如 2026-03", forbid, allowClear = true }: Props) {
  return (
    <DatePicker
      className={styles.whole}
      picker="month"
      {...(id !== undefined && { id })}
      value={value ? dayjs(`${value}-01`) : null}
      format={["YYYY-MM", "YYYYMM"]}
      placeholder={placeholder}
      disabled={disabled ?? false}
      allowClear={allowClear}
      {...(forbid && { disabledDate: forbid })}
      onChange={(day: Dayjs | null) => onChange?.(day ? day.format("YYYY-MM") : undefined)}
    />
  );
}
