/** A new password with the old one: on the account page, and where the old one is past its time. */
import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { Problem } from "@/api/problem";
import type { Session } from "@/api/types";
import { NewPasswordFields } from "@/fields/NewPasswordFields";
import { showRefusal } from "@/fields/refused";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";
import { sessionQuery } from "@/session/session";

interface Typed {
  old_password: string;
  password: string;
  repeat: string;
}

interface Props {
  secondFactor: boolean;
  onDone: (session: Session) => void;
  onCancel?: () => void;
}

export function PasswordChange({ secondFactor, onDone, onCancel }: Props) {
  const queries = useQueryClient();
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const send = async ({ old_password, password }: Typed) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const session = await call(api.POST("/api/identity/account/password", { body: { old_password, password } }));
      queries.setQueryData(sessionQuery.queryKey, session);
      onDone(session);
    } catch (thrown) {
      setProblem(showRefusal(form, thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form<Typed> form={form} name="password_change" layout="vertical" onFinish={(typed) => void send(typed)}>
      {problem && <ProblemNote problem={problem} />}
      <Form.Item name="old_password" label="原密码" rules={[{ required: true, message: "请填写原密码" }]}>
        <Input.Password autoFocus maxLength={128} autoComplete="current-password" />
      </Form.Item>
      <NewPasswordFields label="新密码" secondFactor={secondFactor} />
      <div className="modal-actions">
        {onCancel && <Button onClick={onCancel} disabled={busy}>取消</Button>}
        <Button type="primary" htmlType="submit" loading={whileBusy(busy)}>修改密码</Button>
      </div>
    </Form>
  );
}
