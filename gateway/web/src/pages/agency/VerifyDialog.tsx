/** 校验审计链: recomputing a chain in every service that keeps one. */
import { Alert, Form, Input } from "antd";
import { useState } from "react";

import { DialogForm } from "@/patterns/DialogForm";

import { SERVICE_NAMES, verifyEverywhere, type Verdict } from "./audit";

interface Props {
  /** Which chain; empty: one to be typed; undefined: the dialog is closed. */
  chain: string | undefined;
  onClose: () => void;
}

export function VerifyDialog({ chain, onClose }: Props) {
  const [form] = Form.useForm<{ chain: string }>();
  const [verdicts, setVerdicts] = useState<readonly Verdict[]>();
  return (
    <DialogForm<{ chain: string }, readonly Verdict[]>
      title="校验审计链"
      open={chain !== undefined}
      form={form}
      initial={{ chain: chain ?? "" }}
      send={(typed) => verifyEverywhere(typed.chain.trim())}
      onSent={setVerdicts}
      onClose={onClose}
      submitLabel="开始校验"
    >
      <Form.Item name="chain" label="审计链" rules={[{ required: true, whitespace: true, message: "请填写单位编号，或 agency" }]} extra="单位编号；经办机构自身的业务填 agency">
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <div role="status">
        {verdicts?.map((verdict) => <Outcome key={verdict.service} verdict={verdict} />)}
      </div>
    </DialogForm>
  );
}

function Outcome({ verdict: { service, found, problem } }: { verdict: Verdict }) {
  const name = SERVICE_NAMES[service];
  if (found === undefined) {
    return problem.code === "chain_unknown" ? (
      <Alert type="info" title={`${name}：没有记录`} />
    ) : (
      <Alert type="warning" showIcon title={`${name}：没有校验`} description={problem.detail} />
    );
  }
  return found.intact ? (
    <Alert type="success" showIcon title={`${name}：${found.length} 条记录完整无误`} description={`末条哈希 ${found.head.slice(0, 16)}…`} />
  ) : (
    <Alert type="error" showIcon title={`${name}：校验不通过`} description={`${found.position === null ? "" : `第 ${found.position} 条：`}${found.reason ?? ""}`} />
  );
}
