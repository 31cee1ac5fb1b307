/**
 * Step-up: what weighs most wants the password or the dynamic code once more. `withStepUp` runs an attempt; where the hall asks for it, the
 * dialog that `StepUp` keeps ready is shown, and the attempt is made again.
 */
import { LockOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Segmented, type InputRef } from "antd";
import { useEffect, useRef, useState } from "react";

import { api, call } from "@/api/client";
import { asProblem, Problem } from "@/api/problem";
import { onSignal } from "@/api/signals";
import type { Session } from "@/api/types";
import { DynamicCodeField } from "@/fields/DynamicCodeField";
import { showRefusal } from "@/fields/refused";
import { whileBusy } from "@/patterns/busy";
import { ProblemNote } from "@/patterns/ProblemNote";

import { sessionQuery } from "./session";
import { answered, ask, onAsked } from "./stepUpAsked";

/** Runs the attempt; where it takes a raised session, asks who sits there and runs it once more. */
export async function withStepUp<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (thrown) {
    if (asProblem(thrown).code !== "step_up_required") throw thrown;
  }
  await ask();
  return attempt();
}

/** The dialog. Once in the whole of the pages. */
export function StepUp() {
  const [open, setOpen] = useState(false);
  useEffect(() => onAsked(setOpen), []);
  useEffect(() => onSignal("sessionEnded", answered), []);
  const cancel = () => {
    answered(new Problem({ status: 403, code: "step_up_cancelled", title: "已取消身份验证", detail: "没有验证身份，操作未办理；填写的内容已保留。" }));
  };
  return (
    <Modal open={open} title="再次验证身份" width={440} onCancel={cancel} footer={null} destroyOnHidden mask={{ closable: false }}>
      <StepUpForm onCancel={cancel} />
    </Modal>
  );
}

interface Typed {
  password?: string;
  totp_code?: string;
}

function StepUpForm({ onCancel }: { onCancel: () => void }) {
  const queries = useQueryClient();
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const account = queries.getQueryData<Session>(sessionQuery.queryKey)?.account;
  const [way, setWay] = useState<"password" | "totp_code">("password");
  const first = useRef<InputRef>(null);

  const send = async (typed: Typed) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const session = await call(api.POST("/api/identity/sessions/current/step-up", { body: typed }));
      queries.setQueryData(sessionQuery.queryKey, session);
      answered(undefined);
    } catch (thrown) {
      form.resetFields();
      setProblem(showRefusal(form, thrown));
      first.current?.focus();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form<Typed> form={form} name="step_up" layout="vertical" requiredMark={false} onFinish={(typed) => void send(typed)}>
      <p>此操作较为重要，请再次验证身份。验证后 5 分钟内不再询问。</p>
      {problem && <ProblemNote problem={problem} />}
      {account?.second_factor && (
        <Segmented
          block
          aria-label="验证方式"
          value={way}
          onChange={setWay}
          options={[
            { value: "password", label: "用登录密码" },
            { value: "totp_code", label: "用动态口令" },
          ]}
        />
      )}
      {way === "password" ? (
        <>
          <input type="text" hidden readOnly autoComplete="username" value={account?.username ?? ""} />
          <Form.Item name="password" label="登录密码" rules={[{ required: true, message: "请输入登录密码" }]}>
            <Input.Password ref={first} prefix={<LockOutlined />} autoFocus autoComplete="current-password" maxLength={128} />
          </Form.Item>
        </>
      ) : (
        <DynamicCodeField name="totp_code" username={account?.username ?? ""} inputRef={first} autoFocus />
      )}
      <div className="modal-actions">
        <Button onClick={onCancel} disabled={busy}>取消</Button>
        <Button type="primary" htmlType="submit" loading={whileBusy(busy)}>验证</Button>
      </div>
    </Form>
  );
}
