/** Mobile and the code sent to it. In a demo the text message can be read on the page, clearly marked as such. */
import { Alert, Button, Form, Input, Space } from "antd";
import { useCallback, useEffect, useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import { whileBusy } from "@/patterns/busy";

import styles from "./SmsCodeField.module.css";

type Name = string | string[];

interface Props {
  /** Names of the two fields: constants, since the demo's inbox is looked at anew when they change. */
  mobile: Name;
  code: Name;
  label?: string;
  /** Asks the hall to send one. */
  ask: (mobile: string) => Promise<{ retry_after: number }>;
  /** Fields that have to be filled in before. */
  after?: Name[];
}

export function SmsCodeField({ mobile, code, label = "手机号码", ask, after = [] }: Props) {
  const form = Form.useFormInstance();
  const [wait, setWait] = useState(0);
  const [sent, setSent] = useState(0);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (wait <= 0) return undefined;
    const timer = window.setTimeout(() => setWait(wait - 1), 1000);
    return () => window.clearTimeout(timer);
  }, [wait]);

  const send = async () => {
    try {
      await form.validateFields([...after, mobile]);
    } catch {
      return; // the fields say what is missing
    }
    setBusy(true);
    try {
      const answer = await ask((form.getFieldValue(mobile) as string).trim());
      setWait(answer.retry_after);
      setSent((times) => times + 1);
    } catch (thrown) {
      const problem = asProblem(thrown);
      form.setFields([{ name: mobile, errors: [problem.errors[0]?.message ?? problem.detail] }]);
      if (problem.retryAfter !== undefined) setWait(problem.retryAfter);
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <div className={styles.pair}>
        <Form.Item name={mobile} label={label} rules={[{ required: true, whitespace: true, message: `请填写${label}` }]}>
          <Input maxLength={11} inputMode="numeric" autoComplete="tel-national" />
        </Form.Item>
        <Form.Item label="短信验证码" required>
          <Space.Compact block>
            <Form.Item name={code} noStyle rules={[{ required: true, whitespace: true, message: "请填写短信验证码" }]}>
              <Input maxLength={6} inputMode="numeric" autoComplete="one-time-code" aria-label="短信验证码" />
            </Form.Item>
            <Button onClick={() => void send()} loading={whileBusy(busy)} disabled={wait > 0}>
              {wait > 0 ? `${wait} 秒后重发` : sent > 0 ? "重新发送" : "获取验证码"}
            </Button>
          </Space.Compact>
        </Form.Item>
      </div>
      {sent > 0 && <DemoInbox key={sent} mobile={mobile} code={code} />}
    </>
  );
}

/** 演示短信: only where the hall runs with synthetic data. Elsewhere the route doesn't exist and nothing is shown. */
function DemoInbox({ mobile, code }: { mobile: Name; code: Name }) {
  const form = Form.useFormInstance();
  const [message, setMessage] = useState<{ text: string; code?: string | null }>();
  const look = useCallback(() => {
    const number = (form.getFieldValue(mobile) as string).trim();
    call(api.POST("/api/identity/demo/sms-inbox", { body: { mobile: number } })).then(
      ({ messages }) => setMessage(messages[0] ?? { text: "没有收到短信。短信可能还在路上，也可能填写的手机号码与账号不符。" }),
      () => setMessage(undefined), // not a demo
    );
  }, [form, mobile]);
  useEffect(look, [look]);

  if (!message) return null;
  const { text, code: received } = message;
  return (
    <Alert
      className={styles.note}
      type="warning"
      title="演示短信（演示环境不会真的发出短信）"
      description={text}
      action={
        received == null ? (
          <Button size="small" onClick={look}>再看一次</Button>
        ) : (
          <Button size="small" onClick={() => form.setFields([{ name: code, value: received, errors: [] }])}>填入验证码</Button>
        )
      }
    />
  );
}
