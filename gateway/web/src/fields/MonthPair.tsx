/** Two months of the form around them: from and to. */
import { Form, Space } from "antd";
import type { Dayjs } from "dayjs";

import { MonthField } from "./DateField";

interface Props {
  label: string;
  required?: boolean;
  names?: readonly [string, string];
  words?: readonly [string, string];
  /** Months that can't be chosen. */
  forbid?: (month: Dayjs) => boolean;
}

export function MonthPair({ label, required = false, names = ["from_month", "to_month"], words = ["起始月", "截止月"], forbid }: Props) {
  const [from, to] = names;
  const limits = forbid && { forbid };
  return (
    <Form.Item label={label} required={required}>
      <Space wrap>
        <Form.Item name={from} noStyle>
          <MonthField placeholder={words[0]} {...limits} />
        </Form.Item>
        至
        <Form.Item name={to} noStyle>
          <MonthField placeholder={words[1]} {...limits} />
        </Form.Item>
      </Space>
    </Form.Item>
  );
}
