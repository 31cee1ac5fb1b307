/** Registration in steps: 单位 → 本人信息 → 用户名密码 → 完成. A person (个人) has no unit to show. */
import { Alert, Button, Form, Input, Result, Segmented, Steps } from "antd";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";

import { api, call } from "@/api/client";
import { SubmissionKey } from "@/api/idempotency";
import { asProblem, type Problem } from "@/api/problem";
import type { Answer, Body } from "@/api/types";
import { IdentifierInput } from "@/fields/IdentifierInput";
import { NewPasswordFields } from "@/fields/NewPasswordFields";
import { SmsCodeField } from "@/fields/SmsCodeField";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";

import { Entrance } from "./Entrance";
import styles from "./RegistrationPage.module.css";

type Registration = Body<"/api/identity/registrations", "post">;
type UnitCheck = Answer<"/api/identity/registrations/unit-checks", "post">;
interface Typed {
  uscc: string;
  unit_name: string;
  person: Registration["person"];
  username: string;
  password: string;
  repeat: string;
}

/** Which fields belong to which step; a fault of the hall leads back to its step. */
const STEP_OF: Readonly<Record<string, number>> = { uscc: 0, unit_name: 0, person: 1, username: 2, password: 2 };
type Kind = Registration["kind"];
const KINDS: readonly { value: Kind; label: string; lead: string }[] = [
  { value: "legal_representative", label: "法人", lead: "由单位法人注册，注册后可办理该信用代码下全部参保单位的业务。" },
  { value: "agent", label: "经办人", lead: "经办人注册后，由单位法人授权办理单位业务。" },
  { value: "person", label: "个人", lead: "参保人员本人注册，一个身份证号码只能注册一个个人账号。" },
];
const MOBILE = ["person", "mobile"];
const CODE = ["person", "sms_code"];
const askForCode = (mobile: string) =>
  call(api.POST("/api/identity/registrations/sms-codes", { body: { mobile, purpose: "registration" } }));
const must = (message: string) => [{ required: true, whitespace: true, message }];

export default function RegistrationPage() {
  const navigate = useNavigate();
  const [form] = Form.useForm<Typed>();
  const wanted = (useLocation().state as { kind?: Kind } | null)?.kind;
  const [kind, setKind] = useState<Kind>(KINDS.some((one) => one.value === wanted) && wanted ? wanted : "legal_representative");
  const firstStep = kind === "person" ? 1 : 0;
  const [step, setStep] = useState(firstStep);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [unit, setUnit] = useState<UnitCheck>();
  const submission = useRef<SubmissionKey>(null);
  /** What the hall found faulty: shown when its step is there again, since a field that isn't shown keeps no message. */
  const [faults, setFaults] = useState<{ name: never; errors: string[] }[]>([]);
  useEffect(() => form.setFields(faults), [faults, form]);

  const fail = (thrown: unknown) => {
    const refused = asProblem(thrown);
    const faults = refused.errors.map((fault) => ({ fault, name: fault.pointer.slice(1).split("/") }));
    const known = faults.filter(({ name }) => name[0] !== undefined && name[0] in STEP_OF);
    if (known.length > 0) {
      setStep(Math.min(...known.map(({ name }) => STEP_OF[name[0] ?? ""] ?? 0)));
      setFaults(known.map(({ fault, name }) => ({ name: name as never, errors: [fault.message] })));
    }
    setProblem(known.length === 0 || refused.status === 409 ? refused : undefined);
  };

  const onward = async () => {
    setProblem(undefined);
    try {
      await form.validateFields([...(firstStep === 0 ? UNIT_FIELDS : []), ...(step >= 1 ? PERSON_FIELDS : []), ...(step >= 2 ? ACCOUNT_FIELDS : [])] as never);
    } catch {
      return; // the fields say what is missing
    }
    const typed = form.getFieldsValue(true) as Typed;
    setBusy(true);
    try {
      if (step === 0) {
        setUnit(await call(api.POST("/api/identity/registrations/unit-checks", { body: { uscc: typed.uscc, unit_name: typed.unit_name } })));
      }
      if (step === 2) await register(typed);
      setStep(step + 1);
    } catch (thrown) {
      fail(thrown);
    } finally {
      setBusy(false);
    }
  };
  const register = (typed: Typed) => {
    submission.current ??= new SubmissionKey();
    const { uscc, unit_name, person, username, password } = typed;
    const unitOf = kind === "person" ? {} : { uscc, unit_name };
    return submission.current.attempt((key) =>
      call(
        api.POST("/api/identity/registrations", {
          headers: { "Idempotency-Key": key },
          body: { kind, ...unitOf, person, username, password },
        }),
      ),
    );
  };

  if (step === 3) {
    const username = (form.getFieldsValue(true) as Typed).username;
    return (
      <Entrance title="注册完成" wide>
        <Result
          status="success"
          title="注册完成"
          subTitle={<>用户名 <b>{username}</b>，请牢记用户名和密码。本网厅不设初始密码。</>}
          extra={<Button type="primary" size="large" onClick={() => void navigate("/login", { state: { mode: kind, username, notice: "注册已完成，请登录。" } })}>去登录</Button>}
        />
      </Entrance>
    );
  }
  return (
    <Entrance title="注册账号" wide>
      <h1>注册账号</h1>
      <Segmented<Kind>
        block
        className={styles.kinds ?? ""}
        aria-label="账号类型"
        value={kind}
        disabled={step > firstStep || busy}
        options={KINDS.map(({ value, label }) => ({ value, label: `${label}账号` }))}
        onChange={(value) => {
          setKind(value);
          setStep(value === "person" ? 1 : 0);
          setUnit(undefined);
          setProblem(undefined);
        }}
      />
      <p className={styles.lead}>{KINDS.find((one) => one.value === kind)?.lead}</p>
      <Steps
        className={styles.steps ?? ""}
        size="small"
        current={step - firstStep}
        items={["单位", "本人信息", "用户名密码", "完成"].slice(firstStep).map((title) => ({ title }))}
      />
      {problem && <ProblemNote problem={problem} />}
      <Form<Typed>
        form={form}
        name="registration"
        layout="vertical"
        size="large"
        preserve
        validateTrigger={["onBlur", "onSubmit"]}
        onFinish={() => void onward()}
        scrollToFirstError={{ focus: true }}
      >
        {step === 0 && <UnitFields />}
        {step > 0 && unit && <UnitNote unit={unit} />}
        {step === 1 && <PersonFields kind={kind} />}
        {step === 2 && <AccountFields />}
        <div className={styles.actions}>
          {step > firstStep ? <Button onClick={() => setStep(step - 1)} disabled={busy}>上一步</Button> : <Link to="/login">已有账号，去登录</Link>}
          <Button type="primary" htmlType="submit" loading={whileBusy(busy)}>{step === 2 ? "完成注册" : "下一步"}</Button>
        </div>
      </Form>
    </Entrance>
  );
}

const UNIT_FIELDS = [["uscc"], ["unit_name"]];
const PERSON_FIELDS = [["person", "name"], ["person", "id_number"], ["person", "mobile"], ["person", "sms_code"]];
const ACCOUNT_FIELDS = [["username"], ["password"], ["repeat"]];

function UnitNote({ unit }: { unit: UnitCheck }) {
  return (
    <Alert
      className={styles.note}
      type="success"
      showIcon
      title={`单位核对通过：${unit.unit_name}`}
      description={unit.units.length > 1 ? `该信用代码下有 ${unit.units.length} 家参保单位，注册后均可办理：${unit.units.map((one) => one.name).join("、")}` : undefined}
    />
  );
}

function UnitFields() {
  return (
    <>
      <Form.Item name="uscc" label="统一社会信用代码" rules={must("请填写统一社会信用代码")} extra="虚拟单位填写经办机构登记的虚拟代码">
        <IdentifierInput autoFocus maxLength={18} placeholder="18 位" />
      </Form.Item>
      <Form.Item name="unit_name" label="单位名称" rules={must("请填写单位名称")} extra="须与医保经办机构登记的名称一致">
        <Input maxLength={100} autoComplete="organization" />
      </Form.Item>
    </>
  );
}

function PersonFields({ kind }: { kind: Kind }) {
  return (
    <>
      <div className={styles.pair}>
        <Form.Item name={["person", "name"]} label={kind === "legal_representative" ? "法人姓名" : "姓名"} rules={must("请填写姓名")}>
          <Input autoFocus maxLength={50} autoComplete="name" />
        </Form.Item>
        <Form.Item name={["person", "id_number"]} label="身份证号码" rules={must("请填写身份证号码")}>
          <IdentifierInput maxLength={18} />
        </Form.Item>
      </div>
      <SmsCodeField mobile={MOBILE} code={CODE} ask={askForCode} />
    </>
  );
}

function AccountFields() {
  return (
    <>
      <Form.Item name="username" label="用户名" rules={must("请填写用户名")} extra="4–32 位，字母开头，可含字母、数字和 . _ -">
        <Input autoFocus maxLength={32} autoComplete="username" />
      </Form.Item>
      <NewPasswordFields />
    </>
  );
}
