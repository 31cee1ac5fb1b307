/** The dialogs of 经办人管理: inviting an agent, changing what one may do. Both ask for the password once more. */
import { useQuery } from "@tanstack/react-query";
import { App, Form, Input, Modal, Radio, Skeleton } from "antd";

import { api, call, callWithHeaders } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Agent, InvitationForm, Permission } from "@/api/types";
import { PermissionChoice } from "@/fields/PermissionChoice";
import { DialogForm } from "@/patterns/DialogForm";
import { ProblemNote } from "@/patterns/ProblemNote";
import { withStepUp } from "@/session/stepUp";

const PERMISSIONS_RULE = { required: true, type: "array", min: 1, message: "请至少选择一项权限" } as const;

interface Typed {
  by: "mobile" | "username";
  mobile?: string;
  username?: string;
  permissions: Permission[];
}

interface DialogProps {
  onClose: () => void;
  onSent: () => void;
}

export function InviteDialog({ open, onClose, onSent }: DialogProps & { open: boolean }) {
  const { message } = App.useApp();
  const [form] = Form.useForm<Typed>();
  const byUsername = Form.useWatch("by", form) === "username";
  const send = ({ by: way, mobile, username, permissions }: Typed, key: string) => {
    const body: InvitationForm = { permissions, ...(way === "mobile" ? { mobile: mobile ?? "" } : { username: username ?? "" }) };
    return withStepUp(() => call(api.POST("/api/identity/invitations", { body, headers: { "Idempotency-Key": key } })));
  };
  return (
    <DialogForm<Typed, unknown>
      title="邀请经办人"
      open={open}
      form={form}
      initial={{ by: "mobile", permissions: ["declare", "query", "print"] }}
      submitLabel="发出邀请"
      send={send}
      onClose={onClose}
      onSent={() => {
        message.success("邀请已发出，对方以经办人身份登录后即可接受");
        onSent();
      }}
    >
      <Form.Item name="by" label="邀请方式">
        <Radio.Group
          optionType="button"
          aria-label="邀请方式"
          options={[
            { value: "mobile", label: "手机号码" },
            { value: "username", label: "用户名" },
          ]}
        />
      </Form.Item>
      {byUsername ? (
        <Form.Item
          key="username"
          name="username"
          label="用户名"
          extra="对方经办人账号的登录用户名。法人账号不能成为经办人。"
          rules={[{ required: true, whitespace: true, message: "请填写用户名" }]}
        >
          <Input maxLength={64} autoComplete="off" />
        </Form.Item>
      ) : (
        <Form.Item
          key="mobile"
          name="mobile"
          label="手机号码"
          extra="将发送短信通知。对方还没有账号也可以邀请，注册经办人账号后登录即可看到。"
          rules={[{ required: true, whitespace: true, message: "请填写手机号码" }]}
        >
          <Input maxLength={20} inputMode="numeric" autoComplete="off" />
        </Form.Item>
      )}
      <Form.Item name="permissions" label="权限" rules={[PERMISSIONS_RULE]}>
        <PermissionChoice />
      </Form.Item>
    </DialogForm>
  );
}

export function PermissionsDialog({ agent, onClose, onSent }: DialogProps & { agent: Agent }) {
  const title = `修改权限：${agent.display_name}`;
  // Asked anew whenever it opens: what is changed is what is shown, and If-Match says so.
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["agent", agent.mandate_id],
    queryFn: () => callWithHeaders(api.GET("/api/identity/mandates/{mandate_id}", { params: { path: { mandate_id: agent.mandate_id } } })),
    staleTime: 0,
    gcTime: 0,
  });
  if (data && !isFetching) {
    return (
      <Permissions
        key={data.headers.get("etag")}
        title={title}
        agent={data.data}
        etag={data.headers.get("etag") ?? ""}
        refresh={() => void refetch()}
        onClose={onClose}
        onSent={onSent}
      />
    );
  }
  return (
    <Modal title={title} open footer={null} onCancel={onClose}>
      {error ? <ProblemNote problem={asProblem(error)} retry={() => void refetch()} /> : <Skeleton active />}
    </Modal>
  );
}

interface PermissionsProps extends DialogProps {
  title: string;
  agent: Agent;
  etag: string;
  refresh: () => void;
}

function Permissions({ title, agent, etag, refresh, onClose, onSent }: PermissionsProps) {
  const { message } = App.useApp();
  const [form] = Form.useForm<{ permissions: Permission[] }>();
  return (
    <DialogForm<{ permissions: Permission[] }, unknown>
      title={title}
      open
      form={form}
      initial={{ permissions: agent.permissions }}
      submitLabel="保存"
      send={async ({ permissions }) => {
        try {
          await withStepUp(() =>
            call(
              api.PUT("/api/identity/mandates/{mandate_id}", {
                params: { path: { mandate_id: agent.mandate_id } },
                headers: { "If-Match": etag },
                body: { permissions },
              }),
            ),
          );
        } catch (thrown) {
          if (asProblem(thrown).status === 412) {
            message.warning("该经办人的权限刚被修改过，已显示最新的权限，请核对后再保存。");
            refresh();
          }
          throw thrown;
        }
      }}
      onClose={onClose}
      onSent={() => {
        message.success("权限已修改，立即生效");
        onSent();
      }}
    >
      <Form.Item name="permissions" label="权限" rules={[PERMISSIONS_RULE]} extra="保存后立即生效，对方已打开的页面也按新权限办理。">
        <PermissionChoice />
      </Form.Item>
    </DialogForm>
  );
}
