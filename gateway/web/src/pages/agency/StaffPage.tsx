/** 人员账号: the accounts of the agency's staff, opened and closed by operators. */
import { PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Badge, Button, Form, Input, Modal, Radio, Space, Typography } from "antd";
import { useRef, useState } from "react";

import { api, call } from "@/api/client";
import { SubmissionKey } from "@/api/idempotency";
import { asProblem, type Problem } from "@/api/problem";
import type { Answer, Body, StaffMember } from "@/api/types";
import { orNothing, showDate, showMoment } from "@/fields/format";
import { showRefusal } from "@/fields/refused";
import { LookupPage } from "@/patterns/LookupPage";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";
import { KIND_NAMES, sessionQuery } from "@/session/session";
import { withStepUp } from "@/session/stepUp";

type StaffForm = Body<"/api/identity/staff", "post">;
type OpeningCode = Answer<"/api/identity/staff/{account_id}/opening-code", "post">;

const KEY = "staff";
const STATUS: Readonly<Record<StaffMember["status"], { status: "success" | "warning" | "default"; text: string }>> = {
  open: { status: "success", text: "在用" },
  waiting: { status: "warning", text: "待开通" },
  closed: { status: "default", text: "已停用" },
};

const newCode = (id: string) =>
  withStepUp(() => call(api.POST("/api/identity/staff/{account_id}/opening-code", { params: { path: { account_id: id } } })));

export default function StaffPage() {
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const { data: session } = useQuery(sessionQuery);
  const [opening, setOpening] = useState(false);
  const [code, setCode] = useState<OpeningCode>();
  const refresh = () => void queries.invalidateQueries({ queryKey: [KEY] });

  const ask = (title: string, content: string, okText: string, act: () => Promise<void>) => {
    void modal.confirm({
      title,
      content,
      okText,
      cancelText: "取消",
      okButtonProps: { danger: true },
      onOk: () => act().catch((thrown: unknown) => void message.error(asProblem(thrown).detail)).finally(refresh),
    });
  };
  const renew = (row: StaffMember) => {
    const act = async () => setCode(await newCode(row.id));
    if (row.status === "waiting") act().catch((thrown: unknown) => void message.error(asProblem(thrown).detail));
    else {
      ask(`为 ${row.display_name} 重新签发开通码？`, "用于密码或手机遗失：原密码、动态口令和全部登录立即失效，凭开通码重新设置。", "重新签发", act);
    }
  };
  const close = (row: StaffMember) =>
    ask(`停用 ${row.display_name} 的账号？`, "停用后不能再登录，正在使用的登录立即退出。", "停用", async () => {
      await withStepUp(() => call(api.POST("/api/identity/staff/{account_id}/closure", { params: { path: { account_id: row.id } } })));
      message.success("账号已停用。");
    });

  return (
    <>
      <LookupPage<{ q?: string }, StaffMember>
        title="人员账号"
        hint="账号不设初始密码：开通后把一次性开通码交给本人，由本人设置密码和动态口令。"
        queryKey={KEY}
        searchAtOnce
        rowKey={(row) => row.id}
        search={({ q }, page, page_size) => call(api.GET("/api/identity/staff", { params: { query: { page, page_size, ...(q?.trim() && { q: q.trim() }) } } }))}
        conditions={
          <Form.Item name="q" label="人员">
            <Input allowClear placeholder="用户名或姓名" maxLength={100} autoComplete="off" />
          </Form.Item>
        }
        actions={() => <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setOpening(true)}>开通账号</Button>}
        columns={[
          { title: "用户名", dataIndex: "username" },
          { title: "姓名", dataIndex: "display_name" },
          { title: "岗位", dataIndex: "kind", render: (kind: string) => KIND_NAMES[kind] },
          { title: "手机号码", dataIndex: "mobile_masked", render: orNothing },
          { title: "状态", dataIndex: "status", render: (status: StaffMember["status"]) => <Badge {...STATUS[status]} /> },
          { title: "动态口令", dataIndex: "second_factor", render: (on: boolean) => (on ? "已启用" : "未启用") },
          { title: "开通日期", dataIndex: "created_at", render: showDate },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) =>
              row.status !== "closed" &&
              row.id !== session?.account.id && (
                <Space>
                  <Button type="link" size="small" onClick={() => renew(row)}>签发开通码</Button>
                  <Button type="link" size="small" danger onClick={() => close(row)}>停用</Button>
                </Space>
              ),
          },
        ]}
      />
      <Modal open={opening} title="开通人员账号" footer={null} destroyOnHidden mask={{ closable: false }} onCancel={() => setOpening(false)}>
        <OpenForm
          onCancel={() => setOpening(false)}
          onOpened={(made) => {
            setOpening(false);
            setCode(made);
            refresh();
          }}
        />
      </Modal>
      <Modal
        open={code !== undefined}
        title="一次性开通码"
        footer={<Button type="primary" onClick={() => setCode(undefined)}>已转交，关闭</Button>}
        onCancel={() => setCode(undefined)}
        mask={{ closable: false }}
        destroyOnHidden
      >
        {code && <CodeNote code={code} />}
      </Modal>
    </>
  );
}

function CodeNote({ code }: { code: OpeningCode }) {
  return (
    <>
      <Alert type="warning" showIcon title="只显示这一次，请当面交给本人" description={`用户名 ${code.username}，有效至 ${showMoment(code.expires_at)}，只能使用一次。`} />
      <p>
        <Typography.Text code copyable data-testid="opening-code">{code.code}</Typography.Text>
      </p>
      <p>
        本人打开 <Typography.Text code>{`${window.location.origin}/staff/begin`}</Typography.Text> 设置密码，首次登录时设置动态口令。
      </p>
    </>
  );
}

function OpenForm({ onOpened, onCancel }: { onOpened: (code: OpeningCode) => void; onCancel: () => void }) {
  const [form] = Form.useForm<StaffForm>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const submission = useRef<SubmissionKey>(null);
  const send = async (typed: StaffForm) => {
    submission.current ??= new SubmissionKey();
    setBusy(true);
    setProblem(undefined);
    try {
      const made = await submission.current.attempt((key) =>
        withStepUp(() => call(api.POST("/api/identity/staff", { headers: { "Idempotency-Key": key }, body: typed }))),
      );
      onOpened(await newCode(made.id));
    } catch (thrown) {
      setProblem(showRefusal(form, thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form<StaffForm> form={form} name="open_staff" layout="vertical" initialValues={{ kind: "reviewer" }} onFinish={(typed) => void send(typed)}>
      {problem && <ProblemNote problem={problem} />}
      <Form.Item name="username" label="用户名" rules={[{ required: true, whitespace: true, message: "请填写用户名" }]} extra="4–32 位，字母开头，可含字母、数字和 . _ -">
        <Input autoFocus maxLength={32} autoComplete="off" />
      </Form.Item>
      <Form.Item name="display_name" label="姓名" rules={[{ required: true, whitespace: true, message: "请填写姓名" }]}>
        <Input maxLength={50} autoComplete="off" />
      </Form.Item>
      <Form.Item name="kind" label="岗位">
        <Radio.Group options={[{ value: "reviewer", label: "审核员" }, { value: "operator", label: "经办管理员" }]} />
      </Form.Item>
      <Form.Item name="mobile" label="手机号码" rules={[{ required: true, whitespace: true, message: "请填写手机号码" }]} extra="用于忘记密码时接收短信验证码">
        <Input maxLength={11} inputMode="numeric" autoComplete="off" />
      </Form.Item>
      <div className="modal-actions">
        <Button onClick={onCancel} disabled={busy}>取消</Button>
        <Button type="primary" htmlType="submit" loading={whileBusy(busy)}>开通</Button>
      </div>
    </Form>
  );
}
