/** 手机号码: where codes by text message go. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Modal } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { Problem } from "@/api/problem";
import type { Profile } from "@/api/types";
import { showRefusal } from "@/fields/refused";
import { SmsCodeField } from "@/fields/SmsCodeField";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";
import { withStepUp } from "@/session/stepUp";

import { Card } from "./Card";

interface Typed {
  mobile: string;
  sms_code: string;
}

const askForCode = (mobile: string) => withStepUp(() => call(api.POST("/api/identity/account/mobile/sms-codes", { body: { mobile } })));

export function MobileSection({ profile }: { profile: Profile }) {
  const [open, setOpen] = useState(false);
  const note = profile.mobile_masked == null ? "尚未绑定手机号码" : `已绑定 ${profile.mobile_masked}，用于接收短信验证码`;
  return (
    <Card title="手机号码" note={note} actions={<Button onClick={() => setOpen(true)}>更换手机号码</Button>}>
      <Modal open={open} title="更换手机号码" width={620} footer={null} destroyOnHidden mask={{ closable: false }} onCancel={() => setOpen(false)}>
        <MobileChange onClose={() => setOpen(false)} />
      </Modal>
    </Card>
  );
}

function MobileChange({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const send = async (typed: Typed) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const profile = await withStepUp(() => call(api.POST("/api/identity/account/mobile", { body: typed })));
      queries.setQueryData(["account"], profile);
      message.success("手机号码已更换。");
      onClose();
    } catch (thrown) {
      setProblem(showRefusal(form, thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form<Typed> form={form} name="mobile_change" layout="vertical" onFinish={(typed) => void send(typed)}>
      {problem && <ProblemNote problem={problem} />}
      <SmsCodeField mobile="mobile" code="sms_code" label="新手机号码" ask={askForCode} />
      <div className="modal-actions">
        <Button onClick={onClose} disabled={busy}>取消</Button>
        <Button type="primary" htmlType="submit" loading={whileBusy(busy)}>更换</Button>
      </div>
    </Form>
  );
}
