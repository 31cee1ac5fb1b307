/** 人员基础信息 of the addition form. Typing the ID number fills what it holds and says what will happen. */
import { Alert, Button, Form, Input, Radio, type FormInstance } from "antd";
import dayjs from "dayjs";
import { useEffect, useRef, useState } from "react";

import { api, call } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
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
  const { outlook, looking, failure, retry } = useOutlook(idType);
  const fromNumber = holdsBirthDate(idType);
  const filledIn = fromNumber && failure === undefined;

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
      {failure && (
        <WholeLine>
          <Alert
            className={styles.outlook}
            role="alert"
            showIcon
            type="warning"
            title="暂时无法核对该证件号码"
            description={`${failure.detail} 您可以重试，也可以手工填写性别和出生日期后继续；提交时仍会核对。`}
            action={<Button size="small" onClick={retry}>重试</Button>}
          />
        </WholeLine>
      )}
      <Form.Item name={["person", "sex"]} label="性别" rules={must("选择性别")}>
        <Radio.Group aria-label="性别" disabled={filledIn} options={sexes.map((sex) => ({ value: sex.code, label: sex.name }))} />
      </Form.Item>
      <Form.Item name={["person", "birth_date"]} label="出生日期" rules={must("填写出生日期")}>
        <DateField disabled={filledIn} placeholder={filledIn ? "由证件号码带出" : "如 1990-03-07"} forbid={(day) => day.isAfter(dayjs())} />
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

/**
 * Asks the hall about a number as soon as it is complete; its verdict on number and type appears at the field. When it
 * can't be asked, `failure` says so: what the number would have filled in is then typed by hand.
 */
function useOutlook(idType: string | undefined) {
  const form = Form.useFormInstance<AdditionForm>();
  const number = (Form.useWatch(["person", "id_number"], form) as string | undefined) ?? "";
  const asked = `${idType ?? ""} ${number}`;
  const [answer, setAnswer] = useState<{ asked: string; outlook: LookupAnswer }>();
  const [failure, setFailure] = useState<{ asked: string; problem: Problem }>();
  const [looking, setLooking] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const filled = useRef<Filled>(null);

  useEffect(() => {
    if (idType === undefined || !isComplete(idType, number)) return undefined;
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      setLooking(true);
      setFailure(undefined);
      call(api.POST("/api/enrollment/people/lookups", { body: { id_type: idType, id_number: number }, signal: abort.signal }))
        .then((outlook) => {
          setAnswer({ asked, outlook });
          filled.current = fillIn(form, outlook, asked);
        })
        .catch((thrown: unknown) => {
          if (abort.signal.aborted) return;
          const problem = asProblem(thrown);
          const faults = problem.errors.flatMap(({ pointer, message }) => {
            const name = LOOKED_UP[pointer];
            return name ? [{ name, errors: [message] }] : [];
          });
          if (faults.length > 0) form.setFields(faults);
          else setFailure({ asked, problem });
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
  }, [form, idType, number, asked, attempt]);

  // What an earlier number held must not stay beside another one.
  useEffect(() => {
    if (filled.current && filled.current.asked !== asked) {
      takeBack(form, filled.current);
      filled.current = null;
    }
  }, [form, asked]);

  return {
    outlook: answer?.asked === asked ? answer.outlook : undefined,
    failure: failure?.asked === asked ? failure.problem : undefined,
    looking,
    retry: () => setAttempt((count) => count + 1),
  };
}

const LOOKED_UP: Readonly<Record<string, ["person", "id_type" | "id_number"]>> = {
  "/id_type": ["person", "id_type"],
  "/id_number": ["person", "id_number"],
};
type FilledName = ["person", "sex"] | ["person", "birth_date"] | ["insurance", "reason"];
const REASON: FilledName = ["insurance", "reason"];

/** What was filled in because of a number. */
interface Filled {
  asked: string;
  values: readonly (readonly [FilledName, string])[];
}

function fillIn(form: FormInstance<AdditionForm>, outlook: LookupAnswer, asked: string): Filled {
  const values: [FilledName, string][] = [];
  if (outlook.sex != null) values.push([["person", "sex"], outlook.sex]);
  if (outlook.birth_date != null) values.push([["person", "birth_date"], outlook.birth_date]);
  // A reason that the clerk has chosen stays theirs.
  if (outlook.suggested_reason != null && !form.getFieldValue(REASON)) values.push([REASON, outlook.suggested_reason]);
  for (const [name, value] of values) form.setFieldValue(name, value);
  form.setFields([["person", "id_type"], ["person", "id_number"], ...values.map(([name]) => name)].map((name) => ({ name: name as never, errors: [] })));
  return { asked, values };
}

/** Empties what was filled in, unless the clerk has put something else there since. */
function takeBack(form: FormInstance<AdditionForm>, { values }: Filled): void {
  for (const [name, value] of values) {
    if (form.getFieldValue(name) === value) form.setFieldValue(name, undefined);
  }
}
