/** Proposing a rate, or the limits of a year. */
import { useQuery } from "@tanstack/react-query";
import { Form, Input, InputNumber, Select } from "antd";

import { api, call } from "@/api/client";
import { CodeSelect } from "@/fields/CodeSelect";
import { MonthField } from "@/fields/DateField";
import { DialogForm } from "@/patterns/DialogForm";
import { FormDialog, WholeRow } from "@/patterns/FormDialog";

import { kindsQuery } from "./rates";
import { fraction } from "./shares";

interface Props {
  open: boolean;
  onDone: () => void;
  onClose: () => void;
}

interface RateFields {
  insurance: string;
  employer_kind: string;
  first_month: string;
  last_month?: string;
  employer_rate: string;
  own_rate: string;
  employer_fixed: string;
  own_fixed: string;
  rounding: 0 | 1 | 2;
  source: string;
}

const required = (message: string) => [{ required: true, whitespace: true, message }];
const percent = [
  { required: true, message: "请填写费率，没有填 0" },
  { pattern: /^(100(\.0{1,3})?|\d{1,2}(\.\d{1,3})?)$/, message: "应为 0 至 100，最多三位小数" },
];
const money = [{ pattern: /^\d{1,8}(\.\d{1,2})?$/, message: "应为金额，最多两位小数" }];

export function RateDialog({ open, onDone, onClose }: Props) {
  return open ? <OpenRateDialog onDone={onDone} onClose={onClose} /> : null;
}

function OpenRateDialog({ onDone, onClose }: Omit<Props, "open">) {
  const [form] = Form.useForm<RateFields>();
  const { data: kinds } = useQuery(kindsQuery);
  return (
    <FormDialog<RateFields, unknown>
      title="提出费率调整"
      form={form}
      initial={{ employer_rate: "", own_rate: "", employer_fixed: "0.00", own_fixed: "0.00", rounding: 2 }}
      send={({ employer_rate, own_rate, last_month, ...rest }, key) =>
        call(
          api.POST("/api/employer/rate-changes/rates", {
            headers: { "Idempotency-Key": key },
            body: { ...rest, last_month: last_month ?? null, employer_rate: fraction(employer_rate), own_rate: fraction(own_rate) },
          }),
        )
      }
      onSent={onDone}
      onClose={onClose}
    >
      <Form.Item name="insurance" label="险种类型" rules={required("请选择险种类型")}>
        <CodeSelect table="insurance_types" />
      </Form.Item>
      <Form.Item name="employer_kind" label="单位类型" rules={required("请选择单位类型")}>
        <Select placeholder="请选择" options={kinds?.items.map(({ code, name }) => ({ value: code, label: name })) ?? []} />
      </Form.Item>
      <Form.Item name="first_month" label="执行起始月" rules={required("请选择执行起始月")}>
        <MonthField />
      </Form.Item>
      <Form.Item name="last_month" label="执行截止月" extra="不填为长期；填写的，其后恢复执行原费率">
        <MonthField />
      </Form.Item>
      <Form.Item name="employer_rate" label="单位费率（%）" rules={percent}>
        <Input inputMode="decimal" autoComplete="off" suffix="%" placeholder="如 8.5" />
      </Form.Item>
      <Form.Item name="own_rate" label="个人费率（%）" rules={percent}>
        <Input inputMode="decimal" autoComplete="off" suffix="%" placeholder="如 2" />
      </Form.Item>
      <Form.Item name="employer_fixed" label="单位定额（元/月）" rules={money}>
        <Input inputMode="decimal" autoComplete="off" />
      </Form.Item>
      <Form.Item name="own_fixed" label="个人定额（元/月）" rules={money}>
        <Input inputMode="decimal" autoComplete="off" />
      </Form.Item>
      <Form.Item name="rounding" label="取整">
        <Select
          options={[
            { value: 2, label: "四舍五入到分" },
            { value: 1, label: "四舍五入到角" },
            { value: 0, label: "四舍五入到元" },
          ]}
        />
      </Form.Item>
      <WholeRow>
        <Form.Item name="source" label="依据" rules={required("请填写依据的文件名称和文号")}>
          <Input maxLength={200} autoComplete="off" placeholder="文件名称和文号" />
        </Form.Item>
      </WholeRow>
    </FormDialog>
  );
}

interface LimitsFields {
  year: number;
  lower: string;
  upper: string;
  source: string;
}

export function LimitsDialog({ open, onDone, onClose }: Props) {
  const [form] = Form.useForm<LimitsFields>();
  return (
    <DialogForm<LimitsFields, unknown>
      title="提出缴费基数上下限调整"
      open={open}
      form={form}
      initial={{}}
      send={(body, key) => call(api.POST("/api/employer/rate-changes/limits", { headers: { "Idempotency-Key": key }, body }))}
      onSent={onDone}
      onClose={onClose}
      submitLabel="提交审批"
    >
      <Form.Item name="year" label="年度" rules={[{ required: true, message: "请填写年度" }]}>
        <InputNumber min={2000} max={2999} precision={0} controls={false} style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="lower" label="缴费基数下限（元）" rules={[...required("请填写下限"), ...money]}>
        <Input inputMode="decimal" autoComplete="off" />
      </Form.Item>
      <Form.Item name="upper" label="缴费基数上限（元）" rules={[...required("请填写上限"), ...money]}>
        <Input inputMode="decimal" autoComplete="off" />
      </Form.Item>
      <Form.Item name="source" label="依据" rules={required("请填写依据的文件名称和文号")}>
        <Input maxLength={200} autoComplete="off" placeholder="文件名称和文号" />
      </Form.Item>
    </DialogForm>
  );
}
