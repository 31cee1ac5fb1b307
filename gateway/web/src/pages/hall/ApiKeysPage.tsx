/** 接口密钥: keys by which the unit's HR system does business without anybody signing in. For the legal representative. */
import { KeyOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Badge, Button, Form, Input, InputNumber, Modal, Typography } from "antd";
import dayjs from "dayjs";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ApiKey, ApiKeyForm, IssuedKey } from "@/api/types";
import { DateField } from "@/fields/DateField";
import { showDate, showMoment } from "@/fields/format";
import { PermissionChoice, PermissionTags } from "@/fields/PermissionChoice";
import { DialogForm } from "@/patterns/DialogForm";
import { LookupPage } from "@/patterns/LookupPage";
import { withStepUp } from "@/session/stepUp";

const LONGEST_YEARS = 2;
const STATES: Readonly<Record<ApiKey["state"], { text: string; status: "success" | "default" | "error" }>> = {
  active: { text: "有效", status: "success" },
  expired: { text: "已过期", status: "default" },
  revoked: { text: "已吊销", status: "error" },
};
/** The last day on which a key works; `expires_at` is the midnight after it. */
const lastDay = (expiresAt: string): string => showDate(dayjs(expiresAt).subtract(1, "second").toISOString());

export default function ApiKeysPage() {
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const [making, setMaking] = useState(false);
  const [issued, setIssued] = useState<IssuedKey>();
  const refresh = () => void queries.invalidateQueries({ queryKey: ["api-keys"] });
  const revoke = (key: ApiKey) => {
    modal.confirm({
      title: `吊销密钥“${key.name}”？`,
      content: "吊销立即生效且不能恢复：使用该密钥的系统将不能再办理业务。",
      okText: "吊销",
      cancelText: "取消",
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await call(api.DELETE("/api/identity/api-keys/{key_id}", { params: { path: { key_id: key.id } } }));
          message.success("密钥已吊销");
        } catch (thrown) {
          message.error(asProblem(thrown).detail);
        }
        refresh();
      },
    });
  };
  return (
    <>
      <LookupPage<object, ApiKey>
        title="接口密钥"
        hint={
          <>
            供本单位的人事系统直接办理业务，无需人员登录。调用方法见 <a href="/api/docs" target="_blank" rel="noreferrer">接口文档</a>。
          </>
        }
        queryKey="api-keys"
        searchAtOnce
        emptyText="还没有接口密钥"
        rowKey={(key) => key.id}
        search={(_, page, page_size) => call(api.GET("/api/identity/api-keys", { params: { query: { page, page_size } } }))}
        actions={() => (
          <Button type="primary" icon={<KeyOutlined aria-hidden />} onClick={() => setMaking(true)}>
            新建密钥
          </Button>
        )}
        columns={[
          { title: "名称", dataIndex: "name" },
          { title: "密钥", dataIndex: "shown_part", render: (shown: string) => <code>{shown}…</code> },
          { title: "权限", dataIndex: "permissions", render: (permissions: ApiKey["permissions"]) => <PermissionTags permissions={permissions} /> },
          { title: "每分钟上限", dataIndex: "requests_per_minute", align: "right", render: (rate: number) => `${rate} 次` },
          { title: "创建时间", dataIndex: "issued_at", render: showMoment },
          { title: "有效期至", dataIndex: "expires_at", render: lastDay },
          { title: "最近使用", dataIndex: "last_used_at", render: (at: string | null) => (at === null ? "从未使用" : showMoment(at)) },
          { title: "状态", dataIndex: "state", render: (state: ApiKey["state"]) => <Badge {...STATES[state]} /> },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, key) => key.state !== "revoked" && <Button type="link" size="small" danger onClick={() => revoke(key)}>吊销</Button>,
          },
        ]}
      />
      <NewKey
        open={making}
        onClose={() => setMaking(false)}
        onIssued={(key) => {
          setMaking(false);
          setIssued(key);
          refresh();
        }}
      />
      {issued && <Shown issued={issued} onClose={() => setIssued(undefined)} />}
    </>
  );
}

function NewKey({ open, onClose, onIssued }: { open: boolean; onClose: () => void; onIssued: (key: IssuedKey) => void }) {
  const [form] = Form.useForm<ApiKeyForm>();
  return (
    <DialogForm<ApiKeyForm, IssuedKey>
      title="新建接口密钥"
      open={open}
      form={form}
      initial={{ permissions: ["declare", "query"], requests_per_minute: 120, expires_on: dayjs().add(1, "year").format("YYYY-MM-DD") }}
      submitLabel="新建"
      send={(body, key) => withStepUp(() => call(api.POST("/api/identity/api-keys", { body, headers: { "Idempotency-Key": key } })))}
      onClose={onClose}
      onSent={onIssued}
    >
      <Form.Item name="name" label="名称" extra="写明由哪个系统使用，便于日后辨认。" rules={[{ required: true, whitespace: true, message: "请填写名称" }]}>
        <Input maxLength={50} placeholder="如：人事管理系统" autoComplete="off" />
      </Form.Item>
      <Form.Item name="permissions" label="权限" rules={[{ required: true, type: "array", min: 1, message: "请至少选择一项权限" }]}>
        <PermissionChoice />
      </Form.Item>
      <Form.Item name="expires_on" label="有效期至" rules={[{ required: true, message: "请选择有效期" }]} extra={`含当日，最长${LONGEST_YEARS}年。`}>
        <DateField allowClear={false} forbid={(day) => day.isBefore(dayjs(), "day") || day.isAfter(dayjs().add(LONGEST_YEARS, "year"))} />
      </Form.Item>
      <Form.Item name="requests_per_minute" label="每分钟请求数上限" rules={[{ required: true, message: "请填写上限" }]}>
        <InputNumber min={1} max={6000} precision={0} />
      </Form.Item>
    </DialogForm>
  );
}

function Shown({ issued, onClose }: { issued: IssuedKey; onClose: () => void }) {
  return (
    <Modal
      title={`密钥“${issued.name}”已创建`}
      open
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      width={600}
      footer={<Button type="primary" onClick={onClose}>{issued.key == null ? "关闭" : "我已保存好密钥"}</Button>}
    >
      {issued.key == null ? (
        <Alert type="warning" showIcon title="密钥只在第一次答复中给出，而那次答复没有送达。请吊销此密钥后重新创建。" />
      ) : (
        <>
          <Alert type="warning" showIcon title="完整的密钥只显示这一次，关闭后无法再次查看，请立即保存到使用它的系统中。" />
          <Typography.Paragraph className="secret" code copyable={{ text: issued.key, tooltips: ["复制", "已复制"] }}>
            {issued.key}
          </Typography.Paragraph>
          <p>
            调用时放在请求头 <code>X-API-Key</code> 中。请勿发送给他人，也不要写入网页或程序源码。
          </p>
        </>
      )}
    </Modal>
  );
}
