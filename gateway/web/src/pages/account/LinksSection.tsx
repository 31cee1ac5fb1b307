/** 登录绑定: the identities elsewhere that open this account, in the account page. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Table } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { Answer } from "@/api/types";
import { showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";
import { withStepUp } from "@/session/stepUp";

import { Card } from "./Card";

type Links = Answer<"/api/identity/sso/links", "get">;
/** A provider, linked or not. */
interface Row {
  provider: string;
  title: string;
  id?: string;
  linked_at?: string;
  last_used_at?: string;
}

export function LinksSection() {
  const { modal, message } = App.useApp();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState<string>();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["sso", "links"],
    queryFn: () => call(api.GET("/api/identity/sso/links")),
  });

  const link = async ({ provider }: Row) => {
    setBusy(provider);
    setProblem(undefined);
    try {
      const { location } = await withStepUp(() =>
        call(api.POST("/api/identity/sso/{provider}/departures", { params: { path: { provider } } })),
      );
      window.location.assign(location);
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(undefined);
    }
  };
  const unlink = ({ id = "", title }: Row) => {
    modal.confirm({
      title: `解除与“${title}”的绑定？`,
      content: "解除后不能再通过该平台登录本账号，需要时可以重新绑定。",
      okText: "解除绑定",
      cancelText: "取消",
      onOk: async () => {
        setProblem(undefined);
        try {
          await call(api.DELETE("/api/identity/sso/links/{link_id}", { params: { path: { link_id: id } } }));
          message.success("已解除绑定");
          await queries.invalidateQueries({ queryKey: ["sso", "links"] });
        } catch (thrown) {
          setProblem(asProblem(thrown));
        }
      },
    });
  };

  if (data && data.items.length === 0 && data.linkable.length === 0) return null; // the hall has no other ways in
  return (
    <Card title="登录绑定" note="绑定后可以用其他平台的账号登录本网厅。">
      {problem && <ProblemNote problem={problem} />}
      {error && <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />}
      <Table<Row>
        size="small"
        rowKey="provider"
        pagination={false}
        loading={isPending}
        dataSource={rowsOf(data)}
        scroll={{ x: "max-content" }}
        columns={[
          { title: "平台", dataIndex: "title" },
          { title: "绑定时间", dataIndex: "linked_at", render: showMoment },
          { title: "最近使用", dataIndex: "last_used_at", render: showMoment },
          {
            title: "操作",
            key: "actions",
            render: (_, row) =>
              row.id === undefined ? (
                <Button type="link" size="small" loading={busy === row.provider} disabled={busy !== undefined} onClick={() => void link(row)}>绑定</Button>
              ) : (
                <Button type="link" size="small" onClick={() => unlink(row)}>解除绑定</Button>
              ),
          },
        ]}
      />
    </Card>
  );
}

function rowsOf(links: Links | undefined): Row[] {
  return [...(links?.items ?? []), ...(links?.linkable.map((one) => ({ provider: one.key, title: one.title })) ?? [])];
}
