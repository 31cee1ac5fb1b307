/** 我的授权: an agent's invitations and the units they serve; giving a mandate back. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Tag } from "antd";
import { useNavigate } from "react-router";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { OwnMandate } from "@/api/types";
import { showMoment } from "@/fields/format";
import { PermissionTags } from "@/fields/PermissionChoice";
import { LookupPage } from "@/patterns/LookupPage";
import { ReceivedInvitations } from "@/session/ReceivedInvitations";
import { sessionQuery } from "@/session/session";

export default function MyMandatesPage() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { message, modal } = App.useApp();
  const leave = (mandate: OwnMandate) => {
    modal.confirm({
      title: `解除 ${mandate.unit_name} 的授权？`,
      content: "解除后您不能再为该单位办理和查询业务；需要恢复时须由单位法人重新邀请。",
      okText: "解除授权",
      cancelText: "取消",
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await call(api.DELETE("/api/identity/mandates/mine/{mandate_id}", { params: { path: { mandate_id: mandate.mandate_id } } }));
          message.success(`已解除 ${mandate.unit_name} 的授权`);
        } catch (thrown) {
          message.error(asProblem(thrown).detail);
        }
        for (const key of ["own-mandates", "units"]) void queries.invalidateQueries({ queryKey: [key] });
        if (mandate.employer_no === queries.getQueryData(sessionQuery.queryKey)?.employer_no) void navigate("/units");
      },
    });
  };
  return (
    <>
      <ReceivedInvitations />
      <LookupPage<{ q?: string }, OwnMandate>
        title="我的授权"
        hint="您正在为以下单位办理业务。"
        queryKey="own-mandates"
        searchAtOnce
        emptyText="没有符合条件的单位"
        rowKey={(mandate) => mandate.mandate_id}
        search={({ q }, page, page_size) =>
          call(api.GET("/api/identity/mandates/mine", { params: { query: { page, page_size, ...(q?.trim() && { q: q.trim() }) } } }))
        }
        conditions={
          <Form.Item name="q" label="单位">
            <Input allowClear placeholder="单位名称或单位编号" maxLength={100} autoComplete="off" />
          </Form.Item>
        }
        columns={[
          {
            title: "单位名称",
            dataIndex: "unit_name",
            render: (name: string, mandate) => (
              <>
                {name} {!mandate.unit_open && <Tag>已注销</Tag>}
              </>
            ),
          },
          { title: "单位编号", dataIndex: "employer_no" },
          { title: "统一社会信用代码", dataIndex: "uscc" },
          { title: "权限", dataIndex: "permissions", render: (permissions: OwnMandate["permissions"]) => <PermissionTags permissions={permissions} /> },
          { title: "授权时间", dataIndex: "granted_at", render: showMoment },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, mandate) => <Button type="link" size="small" danger onClick={() => leave(mandate)}>解除授权</Button>,
          },
        ]}
      />
    </>
  );
}
