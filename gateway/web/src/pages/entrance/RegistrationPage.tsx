/** Registration of a unit's account in steps: 单位 → 本人信息 → 用户名密码 → 完成. */
import { Alert, Button, Form, Input, Result, Steps } from "antd";
import { useRef, useState } from "react";
import { Link, useNavigate } from "react-router";

import { api, call } from "@/api/client";
import { SubmissionKey } from "@/api/idempotency";
import { asProblem, type Problem } from "@/api/problem";
import type { Answer, Body } from "@/api/types";
import { IdentifierInput } from "@/fields/IdentifierInput";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";

import { Entrance } from "./Entrance";
import styles from "./RegistrationPage.module.css";
import { SmsCodeField } from "./SmsCodeField";

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
const must = (message: string) => [{ required: true, whitespace: true, message }];

export default function RegistrationPage() {
  const navigate = useNavigate();
  const [form] = Form.useForm<Typed>();
  const [step, setStep] = useState(0);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [unit, setUnit] = useState<UnitCheck>();
  const submission = useRef<SubmissionKey>(null);

  const fail = (thrown: unknown) => {
    const refused = asProblem(thrown);
    const faults = refused.errors.map((fault) => ({ fault, name: fault.pointer.slice(1).split("/") }));
    const known = faults.filter(({ name }) => name[0] !== undefined && name[0] in STEP_OF);
    if (known.length > 0) {
      setStep(Math.min(...known.map(({ name }) => STEP_OF[name[0] ?? ""] ?? 0)));
      form.setFields(known.map(({ fault, name }) => ({ name: name as never, errors: [fault.message] })));
    }
    setProblem(known.length === 0 || refused.status === 409 ? refused : undefined);
  };

  const onward = async () => {
    setProblem(undefined);
    try {
      await form.validateFields([["uscc"], ["unit_name"], ...(step >= 1 ? PERSON_FIELDS : []), ...(step >= 2 ? ACCOUNT_FIELDS : [])] as never);
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
    return submission.current.attempt((key) =>
      call(
        api.POST("/api/identity/registrations", {
          headers: { "Idempotency-Key": key },
          body: { kind: "legal_representative", uscc, unit_name, person, username, password },
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
          extra={<Button type="primary" size="large" onClick={() => void navigate("/login", { state: { username, notice: "注册已完成，请登录。" } })}>去登录</Button>}
        />
      </Entrance>
    );
  }
  return (
    <Entrance title="注册单位账号" wide>
      <h1>注册单位账号</h1>
      <p className={styles.lead}>由单位法人注册；经办人账号由法人授权后使用。</p>
      <Steps
        className={styles.steps ?? ""}
        size="small"
        current={step}
        items={[{ title: "单位" }, { title: "本人信息" }, { title: "用户名密码" }, { title: "完成" }]}
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
        {step === 1 && <PersonFields />}
        {step === 2 && <AccountFields />}
        <div className={styles.actions}>
          {step > 0 ? <Button onClick={() => setStep(step - 1)} disabled={busy}>上一步</Button> : <Link to="/login">已有账号，去登录</Link>}
          <Button type="primary" htmlType="submit" loading={whileBusy(busy)}>{step === 2 ? "完成注册" : "下一步"}</Button>
        </div>
      </Form>
    </Entrance>
  );
}

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

function PersonFields() {
  return (
    <>
      <div className={styles.pair}>
        <Form.Item name={["person", "name"]} label="法人姓名" rules={must("请填写姓名")}>
          <Input autoFocus maxLength={50} autoComplete="name" />
        </Form.Item>
        <Form.Item name={["person", "id_number"]} label="身份证号码" rules={must("请填写身份证号码")}>
          <IdentifierInput maxLength={18} />
        </Form.Item>
      </div>
      <SmsCodeField />
    </>
  );
}

function AccountFields() {
  return (
    <>
      <Form.Item name="username" label="用户名" rules={must("请填写用户名")} extra="4–32 位，字母开头，可含字母、数字和 . _ -">
        <Input autoFocus maxLength={32} autoComplete="username" />
      </Form.Item>
      <Form.Item
        name="password"
        label="密码"
        rules={[{ required: true, message: "请填写密码" }]}
        extra="至少 15 个字符；建议用几个不相干的词组成，便于记忆"
      >
        <Input.Password maxLength={128} autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="repeat"
        label="再次输入密码"
        dependencies={["password"]}
        rules={[
          { required: true, message: "请再次输入密码" },
          ({ getFieldValue }) => ({
            validator: (_, value) => (!value || value === getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error("两次输入的密码不一致"))),
          }),
        ]}
      >
        <Input.Password maxLength={128} autoComplete="new-password" />
      </Form.Item>
    </>
  );
}
