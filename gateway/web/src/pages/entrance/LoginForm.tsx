/**
 * Username and password for one kind of account, then the dynamic code where the account has one; on success back to
 * where the visitor wanted to go.
 */
import { LockOutlined, UserOutlined } from "@ant-design/icons";
import { Alert, Button, Form, Input, type InputRef } from "antd";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "react-router";

import { api, call } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { Body, Session } from "@/api/types";
import { DynamicCodeField } from "@/fields/DynamicCodeField";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";
import { useEnter } from "@/session/enter";

import styles from "./LoginForm.module.css";

type Mode = Body<"/api/identity/sessions", "post">["mode"];
interface Credentials {
  username: string;
  password: string;
  totp_code?: string;
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
  /** What was right so far: the dynamic code is asked for beside it. */
  const [known, setKnown] = useState<Credentials>();
  const password = useRef<InputRef>(null);
  const code = useRef<InputRef>(null);

  useEffect(() => {
    if (cameFrom.username !== undefined) password.current?.focus();
  }, [cameFrom.username]);

  const login = async (typed: Credentials) => {
    setBusy(true);
    setProblem(undefined);
    const credentials = { ...known, ...typed };
    try {
      const session = await call(api.POST("/api/identity/sessions", { body: { mode, ...credentials } }));
      if (onSignedIn) onSignedIn(session);
      else enter(session, cameFrom.next);
    } catch (thrown) {
      const refused = asProblem(thrown);
      if (refused.code === "second_factor_required") {
        setKnown(credentials);
        return;
      }
      setProblem(refused);
      form.resetFields(known ? ["totp_code"] : ["password"]);
      (known ? code : password).current?.focus();
    } finally {
      setBusy(false);
    }
  };
  const back = () => {
    setKnown(undefined);
    setProblem(undefined);
    form.resetFields(["password", "totp_code"]);
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
      {known ? (
        <>
          <p className={styles.who}>账号 <b>{known.username}</b> 已启用动态口令。</p>
          <DynamicCodeField name="totp_code" username={known.username} inputRef={code} autoFocus />
        </>
      ) : (
        <>
          <Form.Item name="username" label="用户名" rules={[{ required: true, message: "请输入用户名" }]}>
            <Input prefix={<UserOutlined />} autoComplete="username" autoFocus={cameFrom.username === undefined} maxLength={64} />
          </Form.Item>
          <Form.Item name="password" label="密码" rules={[{ required: true, message: "请输入密码" }]}>
            <Input.Password ref={password} prefix={<LockOutlined />} autoComplete="current-password" maxLength={128} />
          </Form.Item>
        </>
      )}
      <Button type="primary" htmlType="submit" block loading={whileBusy(busy)}>{action}</Button>
      <div className={styles.below}>
        {known ? (
          <Button type="link" onClick={back}>返回，使用其他账号</Button>
        ) : (
          <Link to="/forgot" state={{ mode, username: form.getFieldValue("username") as string | undefined }}>忘记密码</Link>
        )}
      </div>
    </Form>
  );
}
