/** Mobile and the code sent to it. In a demo the text message can be read on the page, clearly marked as such. */
import { Alert, Button, Form, Input, Space } from "antd";
import { useCallback, useEffect, useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import { whileBusy } from "@/patterns/busy";

import styles from "./RegistrationPage.module.css";

export function SmsCodeField() {
  const form = Form.useFormInstance();
  const [wait, setWait] = useState(0);
  const [sent, setSent] = useState(0);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (wait <= 0) return undefined;
    const timer = window.setTimeout(() => setWait(wait - 1), 1000);
    return () => window.clearTimeout(timer);
  }, [wait]);

  const sayAtMobile = (message: string) => form.setFields([{ name: ["person", "mobile"], errors: [message] }]);
  const send = async () => {
    const mobile = ((form.getFieldValue(["person", "mobile"]) as string | undefined) ?? "").trim();
    if (mobile === "") {
      sayAtMobile("请先填写手机号码");
      return;
    }
    setBusy(true);
    try {
      const answer = await call(api.POST("/api/identity/registrations/sms-codes", { body: { mobile, purpose: "registration" } }));
      setWait(answer.retry_after);
      setSent((times) => times + 1);
      form.setFields([{ name: ["person", "mobile"], errors: [] }]);
    } catch (thrown) {
      const problem = asProblem(thrown);
      sayAtMobile(problem.errors[0]?.message ?? problem.detail);
      if (problem.retryAfter !== undefined) setWait(problem.retryAfter);
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <div className={styles.pair}>
        <Form.Item name={["person", "mobile"]} label="手机号码" rules={[{ required: true, whitespace: true, message: "请填写手机号码" }]}>
          <Input maxLength={11} inputMode="numeric" autoComplete="tel-national" />
        </Form.Item>
        <Form.Item label="短信验证码" required htmlFor="registration_person_sms_code">
          <Space.Compact block>
            <Form.Item name={["person", "sms_code"]} noStyle rules={[{ required: true, whitespace: true, message: "请填写短信验证码" }]}>
              <Input maxLength={6} inputMode="numeric" autoComplete="one-time-code" />
            </Form.Item>
            <Button onClick={() => void send()} loading={whileBusy(busy)} disabled={wait > 0}>
              {wait > 0 ? `${wait} 秒后重发`   : sent > 0 ? "重新发送" : "获取验证码"}
            </Button>
          </Space.Compact>
        </Form.Item>
      </div>
      {sent > 0 && <DemoInbox key={sent} />}
    </>
  );
}

/** 演示短信: only where the hall runs with synthetic data. Elsewhere the route doesn't exist and nothing is shown. */
function DemoInbox() {
  const form = Form.useFormInstance();
  const [message, setMessage] = useState<{ text: string; code?: string | null }>();
  const look = useCallback(() => {
    const mobile = (form.getFieldValue(["person", "mobile"]) as string).trim();
    call(api.POST("/api/identity/demo/sms-inbox", { body: { mobile } })).then(
      ({ messages }) => setMessage(messages[0] ?? { text: "短信还在路上，请稍候再看。" }),
      () => setMessage(undefined), // not a demo
    );
  }, [form]);
  useEffect(look, [look]);

  if (!message) return null;
  const { text, code } = message;
  return (
    <Alert
      className={styles.note}
      type="warning"
      title="演示短信（演示环境不会真的发出短信）"
      description={text}
      action={
        code == null ? (
          <Button size="small" onClick={look}>再看一次</Button>
        ) : (
          <Button size="small" onClick={() => form.setFields([{ name: ["person", "sms_code"], value: code, errors: [] }])}>填入验证码</Button>
        )
      }
    />
  );
}
