/** Username and password for one kind of account; on success back to where the visitor wanted to go. */
import { LockOutlined, UserOutlined } from "@ant-design/icons";
import { Alert, Button, Form, Input, type InputRef } from "antd";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";

import { api, call } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { Body, Session } from "@/api/types";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";
import { useEnter } from "@/session/enter";

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

interface Props {
  mode: Mode;
  /** What the button says. */
  action?: string;
  /** What follows instead of going where the visitor wanted to go. */
  onSignedIn?: (session: Session) => void;
}

export function LoginForm({ mode, action = "登录", onSignedIn }: Props) {
  const enter = useEnter();
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
      if (onSignedIn) onSignedIn(session);
      else enter(session, cameFrom.next);
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
      <Button type="primary" htmlType="submit" block loading={whileBusy(busy)}>{action}</Button>
    </Form>
  );
}
