/** 人员基础信息 of the addition form. Typing the ID number fills what it holds and says what will happen. */
import { Alert, Form, Input, Radio } from "antd";
import dayjs from "dayjs";
import { useEffect, useRef, useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { AdditionForm, LookupAnswer } from "@/api/types";
import { CodeSelect } from "@/fields/CodeSelect";
import { DateField } from "@/fields/DateField";
import { useCodes } from "@/fields/dictionaries";
import { IdentifierInput } from "@/fields/IdentifierInput";
import { holdsBirthDate, isComplete } from "@/fields/identifiers";
import { FormSection, WholeLine } from "@/patterns/FormPage";

import styles from "./AdditionPage.module.css";

const must = (what: string) => [{ required: true, message: `请${what}` }];
const PAUSE_MS = 350;

export function PersonModule() {
  const form = Form.useFormInstance<AdditionForm>();
  const idType = Form.useWatch(["person", "id_type"], form) as string | undefined;
  const { codes: sexes } = useCodes("sexes");
  const { outlook, looking } = useOutlook(idType);
  const fromNumber = holdsBirthDate(idType);

  return (
    <FormSection title="人员基础信息">
      <Form.Item name={["person", "id_type"]} label="证件类型" rules={must("选择证件类型")}>
        <CodeSelect table="id_types" />
      </Form.Item>
      <Form.Item name={["person", "id_number"]} label="证件号码" rules={must("填写证件号码")} validateStatus={looking ? "validating" : undefined} hasFeedback={looking}>
        <IdentifierInput placeholder={fromNumber ? "18 位证件号码" : "证件号码"} />
      </Form.Item>
      <Form.Item name={["person", "name"]} label="姓名" rules={must("填写姓名")}>
        <Input maxLength={50} autoComplete="off" />
      </Form.Item>
      {outlook && (
        <WholeLine>
          <Alert
            className={styles.outlook}
            role="status"
            showIcon
            type={!outlook.may_declare ? "error" : outlook.present === "none" ? "success" : "info"}
            title={outlook.outlook}
          />
        </WholeLine>
      )}
      <Form.Item name={["person", "sex"]} label="性别" rules={must("选择性别")}>
        <Radio.Group aria-label="性别" disabled={fromNumber} options={sexes.map((sex) => ({ value: sex.code, label: sex.name }))} />
      </Form.Item>
      <Form.Item name={["person", "birth_date"]} label="出生日期" rules={must("填写出生日期")}>
        <DateField disabled={fromNumber} placeholder={fromNumber ? "由证件号码带出" : "如 1990-03-07"} forbid={(day) => day.isAfter(dayjs())} />
      </Form.Item>
      <Form.Item name={["person", "nationality"]} label="民族" rules={must("选择民族")}>
        <CodeSelect table="nationalities" />
      </Form.Item>
      <Form.Item name={["person", "household_kind"]} label="户口性质" rules={must("选择户口性质")}>
        <CodeSelect table="household_kinds" />
      </Form.Item>
      <Form.Item name={["person", "mobile"]} label="手机号码" rules={must("填写手机号码")}>
        <Input inputMode="numeric" maxLength={11} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["person", "contact_address"]} label="联系地址" rules={must("填写联系地址")}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["person", "household_region"]} label="户籍所在地区">
        <CodeSelect table="regions" allowClear />
      </Form.Item>
      <Form.Item name={["person", "household_address"]} label="户籍详细地址">
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["person", "marital_status"]} label="婚姻状况">
        <CodeSelect table="marital_statuses" allowClear />
      </Form.Item>
      <Form.Item name={["person", "education_level"]} label="学历">
        <CodeSelect table="education_levels" allowClear />
      </Form.Item>
      <Form.Item name={["person", "work_start_date"]} label="参加工作日期">
        <DateField forbid={(day) => day.isAfter(dayjs())} />
      </Form.Item>
      <Form.Item name={["person", "email"]} label="电子邮箱">
        <Input inputMode="email" maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["person", "postal_code"]} label="邮政编码">
        <Input inputMode="numeric" maxLength={6} autoComplete="off" />
      </Form.Item>
    </FormSection>
  );
}

/** Asks the hall about a number as soon as it is complete; its verdict on the number appears at the field. */
function useOutlook(idType: string | undefined) {
  const form = Form.useFormInstance<AdditionForm>();
  const number = (Form.useWatch(["person", "id_number"], form) as string | undefined) ?? "";
  const [answer, setAnswer] = useState<{ number: string; outlook: LookupAnswer }>();
  const [looking, setLooking] = useState(false);
  const filled = useRef(false);

  useEffect(() => {
    if (idType === undefined || !isComplete(idType, number)) return undefined;
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      setLooking(true);
      call(api.POST("/api/enrollment/people/lookups", { body: { id_type: idType, id_number: number }, signal: abort.signal }))
        .then((outlook) => {
          setAnswer({ number, outlook });
          if (outlook.sex != null) form.setFieldValue(["person", "sex"], outlook.sex);
          if (outlook.birth_date != null) form.setFieldValue(["person", "birth_date"], outlook.birth_date);
          if (outlook.suggested_reason != null && !form.isFieldTouched(["insurance", "reason"])) {
            form.setFieldValue(["insurance", "reason"], outlook.suggested_reason);
          }
          form.setFields([
            { name: ["person", "id_number"], errors: [] },
            { name: ["person", "sex"], errors: [] },
            { name: ["person", "birth_date"], errors: [] },
          ]);
          filled.current = true;
        })
        .catch((thrown: unknown) => {
          if (abort.signal.aborted) return;
          const fault = asProblem(thrown).errors.find(({ pointer }) => pointer.endsWith("id_number"));
          if (fault) form.setFields([{ name: ["person", "id_number"], errors: [fault.message] }]);
        })
        .finally(() => {
          if (!abort.signal.aborted) setLooking(false);
        });
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
      setLooking(false);
    };
  }, [form, idType, number]);

  // What an earlier number held must not stay beside another one.
  useEffect(() => {
    if (filled.current && answer && answer.number !== number) {
      filled.current = false;
      form.setFieldsValue({ person: { sex: undefined, birth_date: undefined } });
    }
  }, [answer, form, number]);

  return { outlook: answer?.number === number ? answer.outlook : undefined, looking };
}
