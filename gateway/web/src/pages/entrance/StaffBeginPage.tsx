/** 账号开通: a new member of the staff sets a password with the one-time code an operator handed over. */
import { UserOutlined } from "@ant-design/icons";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { api, call } from "@/api/client";
import type { Problem } from "@/api/problem";
import { NewPasswordFields } from "@/fields/NewPasswordFields";
import { showRefusal } from "@/fields/refused";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";

import { Entrance } from "./Entrance";
import styles from "./RegistrationPage.module.css";

interface Typed {
  username: string;
  code: string;
  password: string;
  repeat: string;
}

export default function StaffBeginPage() {
  const navigate = useNavigate();
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const send = async ({ username, code, password }: Typed) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await call(api.POST("/api/identity/staff-beginnings", { body: { username, code, password } }));
      void navigate("/staff/login", { state: { username, notice: "密码已设置，请登录并按提示设置动态口令。" } });
    } catch (thrown) {
      setProblem(showRefusal(form, thrown));
      setBusy(false);
    }
  };
  return (
    <Entrance title="工作人员账号开通" staff>
      <h1>账号开通</h1>
      <p className={styles.lead}>使用经办管理员交给您的一次性开通码设置登录密码。</p>
      {problem && <ProblemNote problem={problem} />}
      <Form<Typed> form={form} name="begin" layout="vertical" size="large" onFinish={(typed) => void send(typed)}>
        <Form.Item name="username" label="用户名" rules={[{ required: true, whitespace: true, message: "请填写用户名" }]}>
          <Input prefix={<UserOutlined />} autoFocus maxLength={64} autoComplete="username" />
        </Form.Item>
        <Form.Item name="code" label="开通码" rules={[{ required: true, whitespace: true, message: "请填写开通码" }]}>
          <Input maxLength={40} autoComplete="off" spellCheck={false} placeholder="XXXXX-XXXXX-XXXXX-XXXXX" />
        </Form.Item>
        <NewPasswordFields secondFactor />
        <div className={styles.actions}>
          <Link to="/staff/login">返回登录</Link>
          <Button type="primary" htmlType="submit" loading={whileBusy(busy)}>设置密码</Button>
        </div>
      </Form>
    </Entrance>
  );
}
