/**
 * 动态口令 of an authenticator app. In a demo the staff's codes can be read on the page, clearly marked as such.
 */
import { SafetyOutlined } from "@ant-design/icons";
import { Alert, Button, Form, Input, type InputRef } from "antd";
import { useEffect, useState, type Ref } from "react";

import { api, call } from "@/api/client";

import styles from "./SmsCodeField.module.css";

interface Props {
  name: string;
  /** Whose, where the page knows it: for the demo's stand-in. */
  username?: string;
  inputRef?: Ref<InputRef>;
  autoFocus?: boolean;
  required?: boolean;
}

export function DynamicCodeField({ name, username, inputRef, autoFocus = false, required = true }: Props) {
  return (
    <>
      <Form.Item
        name={name}
        label="动态口令"
        rules={required ? [{ required: true, whitespace: true, message: "请输入动态口令" }] : []}
        extra="身份验证应用中的 6 位数字；手机遗失时可输入恢复码"
      >
        <Input ref={inputRef ?? null} prefix={<SafetyOutlined />} maxLength={14} autoFocus={autoFocus} autoComplete="one-time-code" spellCheck={false} />
      </Form.Item>
      {username !== undefined && <DemoApp name={name} username={username} />}
    </>
  );
}

/** 演示口令: only where the hall runs with synthetic data. Elsewhere the route doesn't exist and nothing is shown. */
function DemoApp({ name, username }: { name: string; username: string }) {
  const form = Form.useFormInstance();
  const [shown, setShown] = useState<{ code: string | null; seconds: number }>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let timer: number | undefined;
    call(api.POST("/api/identity/demo/totp-codes", { body: { username } }), { quiet: true }).then(
      (answer) => {
        setShown(answer);
        timer = window.setTimeout(() => setRound((now) => now + 1), answer.seconds * 1000);
      },
      () => setShown(undefined), // not a demo
    );
    return () => window.clearTimeout(timer);
  }, [username, round]);

  if (!shown) return null;
  const { code } = shown;
  return (
    <Alert
      className={styles.note}
      type="warning"
      title="演示口令（代替手机上的身份验证应用）"
      description={code === null ? "此账号没有演示口令，或本时段的口令已用过；请等待下一个口令。" : <span className="figures">{code}</span>}
      action={
        code !== null && (
          <Button size="small" onClick={() => form.setFields([{ name, value: code, errors: [] }])}>填入口令</Button>
        )
      }
    />
  );
}
