/** 经办人管理: who acts for the unit and how; inviting, changing, removing. For the legal representative. */
import { UserAddOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Space } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Agent } from "@/api/types";
import { orNothing, showMoment } from "@/fields/format";
import { PermissionTags } from "@/fields/PermissionChoice";
import { LookupPage } from "@/patterns/LookupPage";

import { InviteDialog, PermissionsDialog } from "./AgentDialogs";
import { SentInvitations } from "./SentInvitations";

export default function AgentsPage() {
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const [inviting, setInviting] = useState(false);
  const [changing, setChanging] = useState<Agent>();
  const refresh = () => {
    for (const key of ["agents", "sent-invitations"]) void queries.invalidateQueries({ queryKey: [key] });
  };
  const remove = (agent: Agent) => {
    modal.confirm({
      title: `解除 ${agent.display_name} 的授权？`,
      content: "解除后立即生效：该经办人正在办理、尚未提交的业务也不能再提交。已提交的申报不受影响。",
      okText: "解除授权",
      cancelText: "取消",
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await call(api.DELETE("/api/identity/mandates/{mandate_id}", { params: { path: { mandate_id: agent.mandate_id } } }));
          message.success(`已解除 ${agent.display_name} 的授权`);
        } catch (thrown) {
          message.error(asProblem(thrown).detail);
        }
        refresh();
      },
    });
  };
  return (
    <>
      <LookupPage<{ q?: string }, Agent>
        title="经办人管理"
        hint="经办人接受邀请后即可为本单位办理业务；调整和解除立即生效。法人账号无需授权。"
        queryKey="agents"
        searchAtOnce
        emptyText="还没有经办人，请点击“邀请经办人”"
        rowKey={(agent) => agent.mandate_id}
        search={({ q }, page, page_size) =>
          call(api.GET("/api/identity/mandates", { params: { query: { page, page_size, ...(q?.trim() && { q: q.trim() }) } } }))
        }
        conditions={
          <Form.Item name="q" label="经办人">
            <Input allowClear placeholder="姓名或用户名" maxLength={50} autoComplete="off" />
          </Form.Item>
        }
        actions={() => (
          <Button type="primary" icon={<UserAddOutlined aria-hidden />} onClick={() => setInviting(true)}>
            邀请经办人
          </Button>
        )}
        columns={[
          { title: "姓名", dataIndex: "display_name" },
          { title: "用户名", dataIndex: "username" },
          { title: "手机号码", dataIndex: "mobile_masked", render: orNothing },
          { title: "权限", dataIndex: "permissions", render: (permissions: Agent["permissions"]) => <PermissionTags permissions={permissions} /> },
          { title: "授权时间", dataIndex: "granted_at", render: showMoment },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, agent) => (
              <Space size={0}>
                <Button type="link" size="small" onClick={() => setChanging(agent)}>修改权限</Button>
                <Button type="link" size="small" danger onClick={() => remove(agent)}>解除授权</Button>
              </Space>
            ),
          },
        ]}
      />
      <SentInvitations onChange={refresh} />
      <InviteDialog
        open={inviting}
        onClose={() => setInviting(false)}
        onSent={() => {
          setInviting(false);
          refresh();
        }}
      />
      {changing && (
        <PermissionsDialog
          agent={changing}
          onClose={() => setChanging(undefined)}
          onSent={() => {
            setChanging(undefined);
            refresh();
          }}
        />
      )}
    </>
  );
}
