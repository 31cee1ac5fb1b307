/** 动态口令 being set up: scan, confirm with a code, keep the recovery codes. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Spin, Steps, Typography } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { showRefusal } from "@/fields/refused";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";
import { withStepUp } from "@/session/stepUp";

import styles from "./account.module.css";

/** In groups of four, as it is typed off the page. */
const grouped = (secret: string): string => secret.match(/.{1,4}/g)?.join(" ") ?? secret;

export function Enrolment({ onDone, onCancel }: { onDone: () => void; onCancel?: () => void }) {
  const [form] = Form.useForm<{ code: string }>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [codes, setCodes] = useState<string[]>();
  const { data, error } = useQuery({
    queryKey: ["enrolment"],
    queryFn: () => withStepUp(() => call(api.POST("/api/identity/account/second-factor/enrolment"))),
    staleTime: Infinity, // another secret would make the one just scanned worthless
    gcTime: 0,
    retry: false,
  });

  const confirm = async (typed: { code: string }) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = await withStepUp(() => call(api.POST("/api/identity/account/second-factor", { body: typed })));
      setCodes(answer.recovery_codes);
    } catch (thrown) {
      form.resetFields();
      setProblem(showRefusal(form, thrown));
    } finally {
      setBusy(false);
    }
  };

  const failed = problem ?? (error ? asProblem(error) : undefined);
  return (
    <div>
      <Steps className={styles.steps ?? ""} size="small" current={codes ? 1 : 0} items={[{ title: "扫码并验证" }, { title: "保存恢复码" }]} />
      {failed && <ProblemNote problem={failed} />}
      {!codes && !data && !error && <Spin />}
      {!codes && data && (
        <Form form={form} name="enrolment" layout="vertical" onFinish={(typed) => void confirm(typed)}>
          <div className={styles.scan}>
            <img src={data.qr} alt="动态口令二维码" width={188} height={188} />
            <div>
              <p>1. 用手机上的身份验证应用（如微软、谷歌身份验证器）扫描二维码。</p>
              <p>
                不能扫码时，在应用中手工输入密钥：
                <br />
                <Typography.Text code copyable={{ text: data.secret }} data-testid="totp-secret">{grouped(data.secret)}</Typography.Text>
              </p>
              <p>2. 输入应用显示的 6 位口令，确认设置成功。</p>
            </div>
          </div>
          <Form.Item name="code" label="动态口令" rules={[{ required: true, whitespace: true, message: "请输入动态口令" }]}>
            <Input maxLength={6} inputMode="numeric" autoComplete="one-time-code" autoFocus />
          </Form.Item>
          <div className="modal-actions">
            {onCancel && <Button onClick={onCancel} disabled={busy}>取消</Button>}
            <Button type="primary" htmlType="submit" loading={whileBusy(busy)}>验证并启用</Button>
          </div>
        </Form>
      )}
      {!codes && error && onCancel && (
        <div className="modal-actions"><Button onClick={onCancel}>关闭</Button></div>
      )}
      {codes && (
        <>
          <RecoveryCodes codes={codes} />
          <div className="modal-actions"><Button type="primary" onClick={onDone}>已保存，完成</Button></div>
        </>
      )}
    </div>
  );
}

/** Ten codes, shown this once. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <>
      <Alert
        className={styles.gap ?? ""}
        type="warning"
        showIcon
        title="请抄写或打印以下恢复码，妥善保管"
        description="手机遗失时，可用恢复码代替动态口令登录，每个只能使用一次。恢复码只显示这一次。"
      />
      <ul className={styles.codes} aria-label="恢复码">
        {codes.map((code) => (
          <li key={code}><code>{code}</code></li>
        ))}
      </ul>
      <Typography.Text copyable={{ text: codes.join("\n") }}>复制全部恢复码</Typography.Text>
    </>
  );
}
