/** 网厅账号: whoever comes to the window because somebody else registered with their number gets it back. */
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Badge, Button, Form, Input, Modal, Radio } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { Body, Holder } from "@/api/types";
import { IdentifierInput } from "@/fields/IdentifierInput";
import { orNothing, showDate } from "@/fields/format";
import { useAttempt } from "@/patterns/attempt";
import { LookupPage } from "@/patterns/LookupPage";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";
import { KIND_NAMES } from "@/session/session";
import { withStepUp } from "@/session/stepUp";

type Conditions = Body<"/api/identity/holders/searches", "post">;
type Reason = Body<"/api/identity/holders/{account_id}/release", "post">["reason"];

const KEY = "holders";
const REASONS: readonly { value: Reason; label: string }[] = [
  { value: "not_the_owner", label: "冒用他人身份注册" },
  { value: "owner_asked", label: "本人申请注销" },
];

const askedFor = ({ username, id_number }: Conditions): Conditions => ({
  ...(username?.trim() && { username: username.trim() }),
  ...(id_number && { id_number }),
});

export default function HoldersPage() {
  const [releasing, setReleasing] = useState<Holder>();
  return (
    <>
      <LookupPage<Conditions, Holder>
        title="网厅账号"
        hint="核验来人身份证件后，按用户名或证件号码查询。注销后，该证件号码和单位可以重新注册。"
        queryKey={KEY}
        rowKey={(row) => row.id}
        search={(asked) => call(api.POST("/api/identity/holders/searches", { body: askedFor(asked) }))}
        refuse={(asked) => (Object.keys(askedFor(asked)).length === 0 ? "请填写用户名或证件号码" : undefined)}
        emptyText="没有符合条件的网厅账号"
        conditions={
          <>
            <Form.Item name="id_number" label="证件号码">
              <IdentifierInput allowClear />
            </Form.Item>
            <Form.Item name="username" label="用户名">
              <Input allowClear maxLength={64} autoComplete="off" />
            </Form.Item>
          </>
        }
        columns={[
          { title: "用户名", dataIndex: "username" },
          { title: "账号类型", dataIndex: "kind", render: (kind: string) => KIND_NAMES[kind] },
          { title: "姓名", dataIndex: "display_name" },
          { title: "证件号码", dataIndex: "id_number_masked", render: orNothing },
          { title: "手机号码", dataIndex: "mobile_masked", render: orNothing },
          { title: "统一社会信用代码", dataIndex: "uscc", render: orNothing },
          { title: "注册日期", dataIndex: "created_at", render: showDate },
          {
            title: "状态",
            dataIndex: "status",
            render: (status: Holder["status"]) => <Badge status={status === "open" ? "success" : "default"} text={status === "open" ? "在用" : "已注销"} />,
          },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) => row.status === "open" && <Button type="link" size="small" danger onClick={() => setReleasing(row)}>注销</Button>,
          },
        ]}
      />
      {releasing && <ReleaseDialog holder={releasing} onClose={() => setReleasing(undefined)} />}
    </>
  );
}

function ReleaseDialog({ holder, onClose }: { holder: Holder; onClose: () => void }) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [reason, setReason] = useState<Reason>();
  const { busy, problem, attempt } = useAttempt();
  const release = (why: Reason) =>
    void attempt(async () => {
      await withStepUp(() =>
        call(api.POST("/api/identity/holders/{account_id}/release", { params: { path: { account_id: holder.id } }, body: { reason: why } })),
      );
      message.success(`账号 ${holder.username} 已注销。`);
      void queries.invalidateQueries({ queryKey: [KEY] });
      onClose();
    });
  return (
    <Modal
      open
      title={`注销账号 ${holder.username}`}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose} disabled={busy}>取消</Button>
          <Button type="primary" danger disabled={reason === undefined} loading={whileBusy(busy)} onClick={() => reason && release(reason)}>注销</Button>
        </>
      }
    >
      {problem && <ProblemNote problem={problem} />}
      <Alert
        type="warning"
        showIcon
        title="注销后不能恢复"
        description="账号立即退出并不能再登录，其经办授权和其他平台登录绑定一并解除；已办理的业务不受影响。其证件号码和单位可以重新注册。"
      />
      <Form layout="vertical" style={{ marginTop: 16 }}>
        <Form.Item label="注销原因" required>
          <Radio.Group options={[...REASONS]} value={reason} onChange={(event) => setReason(event.target.value as Reason)} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
