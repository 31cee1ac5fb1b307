/** 单位开户: an insured unit, or a virtual one with the register's own code. */
import { useQuery } from "@tanstack/react-query";
import { Form, Input, Select } from "antd";

import { api, call } from "@/api/client";
import type { Employer } from "@/api/types";
import { DateField, MonthField } from "@/fields/DateField";
import { FormDialog, WholeRow } from "@/patterns/FormDialog";

import { kindsQuery } from "./rates";

const VIRTUAL = "99";

interface Fields {
  employer_no: string;
  uscc: string;
  name: string;
  kind: string;
  affiliation?: string;
  industry?: string;
  insured_since: string;
  billed_from?: string;
  contact: {
    legal_representative: string;
    legal_representative_id?: string;
    legal_representative_phone: string;
    contact: string;
    contact_phone: string;
    contact_mobile?: string;
    address: string;
    postal_code?: string;
  };
  registration: { registration_no?: string; address: string };
}

interface Props {
  open: boolean;
  onClose: () => void;
  onOpened: (made: Employer) => void;
}

const required = (message: string) => [{ required: true, whitespace: true, message }];

export function OpenEmployerDialog(props: Props) {
  return props.open ? <Opened {...props} /> : null;
}

function Opened({ onClose, onOpened }: Props) {
  const [form] = Form.useForm<Fields>();
  const { data: kinds } = useQuery(kindsQuery);
  const virtual = Form.useWatch("kind", form) === VIRTUAL;
  return (
    <FormDialog<Fields, Employer>
      title="单位开户"
      form={form}
      initial={{}}
      send={(body, key) => call(api.POST("/api/employer/employers", { headers: { "Idempotency-Key": key }, body: cleared(body) }))}
      onSent={onOpened}
      onClose={onClose}
      width={860}
    >
      <Form.Item name="kind" label="单位类型" rules={required("请选择单位类型")}>
        <Select placeholder="请选择" options={kinds?.items.map(({ code, name }) => ({ value: code, label: name })) ?? []} />
      </Form.Item>
      <Form.Item name="employer_no" label="单位编号" rules={required("请填写单位编号")} extra="以 330200 开头，最多 20 位">
        <Input maxLength={20} inputMode="numeric" autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="uscc"
        label={virtual ? "虚拟单位代码" : "统一社会信用代码"}
        rules={required(virtual ? "请填写虚拟单位代码" : "请填写统一社会信用代码")}
        {...(virtual && { extra: "登记机构给出的代码，不能是有效的统一社会信用代码" })}
      >
        <Input maxLength={18} autoComplete="off" />
      </Form.Item>
      <Form.Item name="name" label="单位名称" rules={required("请填写单位名称")}>
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="insured_since" label="参保日期" rules={required("请选择参保日期")}>
        <DateField />
      </Form.Item>
      <Form.Item name="billed_from" label="核定起始月" extra="不填为当月">
        <MonthField />
      </Form.Item>
      <Form.Item name="affiliation" label="隶属关系">
        <Input maxLength={40} autoComplete="off" />
      </Form.Item>
      <Form.Item name="industry" label="行业">
        <Input maxLength={60} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["contact", "legal_representative"]} label="法人姓名" rules={required("请填写法人姓名")}>
        <Input maxLength={50} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["contact", "legal_representative_id"]} label="法人证件号码">
        <Input maxLength={18} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["contact", "legal_representative_phone"]} label="法人电话" rules={required("请填写法人电话")}>
        <Input maxLength={20} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["contact", "contact"]} label="联系人" rules={required("请填写联系人")}>
        <Input maxLength={50} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["contact", "contact_phone"]} label="联系电话" rules={required("请填写联系电话")}>
        <Input maxLength={20} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["contact", "contact_mobile"]} label="联系人手机">
        <Input maxLength={11} inputMode="numeric" autoComplete="off" />
      </Form.Item>
      <WholeRow>
        <Form.Item name={["contact", "address"]} label="通讯地址" rules={required("请填写通讯地址")}>
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
      </WholeRow>
      <WholeRow>
        <Form.Item name={["registration", "address"]} label="注册地址" rules={required("请填写注册地址")}>
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
      </WholeRow>
      <Form.Item name={["registration", "registration_no"]} label="注册号">
        <Input maxLength={40} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["contact", "postal_code"]} label="邮政编码">
        <Input maxLength={6} inputMode="numeric" autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}

/** Without what was left blank: an empty text is no telephone number. */
function cleared<T extends object>(values: T): T {
  const kept = Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([name, value]: [string, unknown]) => [name, typeof value === "object" && value !== null ? cleared(value) : value]);
  return Object.fromEntries(kept) as T;
}
