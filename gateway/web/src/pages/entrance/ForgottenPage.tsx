/** A forgotten password: username and a code by text message set a new one. Says nothing of which accounts there are. */
import { UserOutlined } from "@ant-design/icons";
import { Button, Form, Input, Result } from "antd";
import { useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";

import { api, call } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { DynamicCodeField } from "@/fields/DynamicCodeField";
import { NewPasswordFields } from "@/fields/NewPasswordFields";
import { showRefusal } from "@/fields/refused";
import { SmsCodeField } from "@/fields/SmsCodeField";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";

import { Entrance } from "./Entrance";
import styles from "./RegistrationPage.module.css";

interface Typed {
  username: string;
  mobile: string;
  sms_code: string;
  password: string;
  repeat: string;
  totp_code?: string;
}

const BEFORE = ["username"];

export default function ForgottenPage() {
  const navigate = useNavigate();
  const from = useLocation().state as { mode?: string; username?: string } | null;
  const staff = from?.mode === "staff";
  const login = staff ? "/staff/login" : "/login";
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [asked, setAsked] = useState(false);
  const [done, setDone] = useState<string>();

  const ask = (mobile: string) =>
    call(api.POST("/api/identity/password-resets/sms-codes", { body: { username: (form.getFieldValue("username") as string).trim(), mobile } }));
  const send = async ({ username, mobile, sms_code, password, totp_code }: Typed) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const body = { username, mobile, sms_code, password, ...(totp_code !== undefined && { totp_code }) };
      await call(api.POST("/api/identity/password-resets", { body }));
      setDone(username);
    } catch (thrown) {
      const refused = asProblem(thrown);
      setAsked((now) => now || refused.code === "second_factor_required");
      if (refused.code === "second_factor_wrong") form.resetFields(["totp_code", "sms_code"]);
      setProblem(showRefusal(form, thrown));
    } finally {
      setBusy(false);
    }
  };

  if (done !== undefined) {
    return (
      <Entrance title="密码已重新设置" staff={staff}>
        <Result
          status="success"
          title="密码已重新设置"
          subTitle="该账号此前的全部登录均已退出，请使用新密码登录。"
          extra={<Button type="primary" size="large" onClick={() => void navigate(login, { state: { mode: from?.mode, username: done } })}>去登录</Button>}
        />
      </Entrance>
    );
  }
  return (
    <Entrance title="忘记密码" staff={staff} wide>
      <h1>忘记密码</h1>
      <p className={styles.lead}>填写用户名和账号绑定的手机号码。两者相符时会收到短信验证码；没有收到，请核对后再试。</p>
      {problem && <ProblemNote problem={problem} />}
      <Form<Typed>
        form={form}
        name="forgotten"
        layout="vertical"
        size="large"
        initialValues={{ username: from?.username ?? "" }}
        onFinish={(typed) => void send(typed)}
        scrollToFirstError={{ focus: true }}
      >
        <Form.Item name="username" label="用户名" rules={[{ required: true, whitespace: true, message: "请填写用户名" }]}>
          <Input prefix={<UserOutlined />} autoFocus maxLength={64} autoComplete="username" />
        </Form.Item>
        <SmsCodeField mobile="mobile" code="sms_code" ask={ask} after={BEFORE} />
        {asked && <DynamicCodeField name="totp_code" username={form.getFieldValue("username") as string} autoFocus />}
        <NewPasswordFields label="新密码" secondFactor={staff} />
        <div className={styles.actions}>
          <Link to={login} state={{ mode: from?.mode }}>返回登录</Link>
          <Button type="primary" htmlType="submit" loading={whileBusy(busy)}>设置新密码</Button>
        </div>
      </Form>
    </Entrance>
  );
}
