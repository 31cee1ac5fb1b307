/** Username and password for one kind of account; on success back to where the visitor wanted to go. */
import { LockOutlined, UserOutlined } from "@ant-design/icons";
import { Alert, Button, Form, Input, type InputRef } from "antd";
import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { api, call } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { Body } from "@/api/types";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";
import { homeOf, sideOf, useAdoptSession } from "@/session/session";

import styles from "./LoginForm.module.css";

type Mode = Body<"/api/identity/sessions", "post">["mode"];
interface Credentials {
  username: string;
  password: string;
}
interface CameFrom {
  next?: string;
  notice?: string;
  username?: string;
}

export function LoginForm({ mode }: { mode: Mode }) {
  const navigate = useNavigate();
  const adopt = useAdoptSession();
  const cameFrom = (useLocation().state ?? {}) as CameFrom;
  const [form] = Form.useForm<Credentials>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const password = useRef<InputRef>(null);

  useEffect(() => {
    if (cameFrom.username !== undefined) password.current?.focus();
  }, [cameFrom.username]);

  const login = async (typed: Credentials) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const session = await call(api.POST("/api/identity/sessions", { body: { mode, ...typed } }));
      adopt(session);
      const next = cameFrom.next ?? "";
      const ours = sideOf(session) === "agency" ? next.startsWith("/agency") : next.startsWith("/hall");
      if (session.employer_no == null && sideOf(session) === "hall") {
        void navigate("/units", { replace: true, state: ours ? { next } : undefined });
      } else void navigate(ours ? next : homeOf(session), { replace: true });
    } catch (thrown) {
      setProblem(asProblem(thrown));
      form.resetFields(["password"]);
      password.current?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <Form<Credentials>
      form={form}
      name={`login_${mode}`}
      layout="vertical"
      size="large"
      requiredMark={false}
      className={styles.form}
      initialValues={{ username: cameFrom.username ?? "", password: "" }}
      onFinish={(typed) => void login(typed)}
    >
      {problem ? <ProblemNote problem={problem} /> : cameFrom.notice !== undefined && <Alert className={styles.notice} type="info" showIcon title={cameFrom.notice} />}
      <Form.Item name="username" label="用户名" rules={[{ required: true, message: "请输入用户名" }]}>
        <Input prefix={<UserOutlined />} autoComplete="username" autoFocus={cameFrom.username === undefined} maxLength={64} />
      </Form.Item>
      <Form.Item name="password" label="密码" rules={[{ required: true, message: "请输入密码" }]}>
        <Input.Password ref={password} prefix={<LockOutlined />} autoComplete="current-password" maxLength={128} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={whileBusy(busy)}>登录</Button>
    </Form>
  );
}
