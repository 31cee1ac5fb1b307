/** 邀请记录: what became of the unit's invitations; open ones can be taken back. */
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { App, Badge, Button, Table } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Invitation } from "@/api/types";
import { showMoment } from "@/fields/format";
import { PermissionTags } from "@/fields/PermissionChoice";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./SentInvitations.module.css";

const PAGE_SIZE = 5;
const STATES: Readonly<Record<Invitation["status"], { text: string; status: "processing" | "success" | "default" | "warning" }>> = {
  pending: { text: "待接受", status: "processing" },
  accepted: { text: "已接受", status: "success" },
  refused: { text: "已谢绝", status: "warning" },
  withdrawn: { text: "已撤回", status: "default" },
  superseded: { text: "已由另一邀请代替", status: "default" },
  expired: { text: "已过期", status: "default" },
};

export function SentInvitations({ onChange }: { onChange: () => void }) {
  const { message } = App.useApp();
  const [page, setPage] = useState(1);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["sent-invitations", page],
    queryFn: () => call(api.GET("/api/identity/invitations", { params: { query: { page, page_size: PAGE_SIZE } } })),
    placeholderData: keepPreviousData,
  });
  const withdraw = useMutation({
    mutationFn: (invitation: Invitation) =>
      call(api.DELETE("/api/identity/invitations/{invitation_id}", { params: { path: { invitation_id: invitation.id } } })),
    onSuccess: () => void message.success("邀请已撤回"),
    onError: (thrown) => void message.error(asProblem(thrown).detail),
    onSettled: onChange,
  });
  if (!error && (isPending || data.total === 0)) return null;
  return (
    <section className={styles.card} aria-label="邀请记录">
      <h2>邀请记录</h2>
      {error && <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />}
      <Table<Invitation>
        size="small"
        rowKey={(invitation) => invitation.id}
        dataSource={data?.items ?? []}
        scroll={{ x: "max-content" }}
        pagination={
          (data?.total ?? 0) > PAGE_SIZE
            ? { current: page, pageSize: PAGE_SIZE, total: data?.total ?? 0, showSizeChanger: false, onChange: setPage }
            : false
        }
        columns={[
          { title: "邀请对象", key: "to", render: (_, row) => row.username ?? row.mobile_masked },
          { title: "权限", dataIndex: "permissions", render: (permissions: Invitation["permissions"]) => <PermissionTags permissions={permissions} /> },
          { title: "发出时间", dataIndex: "invited_at", render: showMoment },
          { title: "有效期至", dataIndex: "expires_at", render: showMoment },
          { title: "状态", dataIndex: "status", render: (status: Invitation["status"]) => <Badge {...STATES[status]} /> },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) =>
              row.status === "pending" && (
                <Button type="link" size="small" disabled={withdraw.isPending} onClick={() => withdraw.mutate(row)}>撤回</Button>
              ),
          },
        ]}
      />
    </section>
  );
}
