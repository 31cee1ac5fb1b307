/** 登录设备: the own sessions, ended one by one or all but this one. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Table, Tag } from "antd";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Answer } from "@/api/types";
import { orNothing, showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";

import { Card } from "./Card";

type OwnSession = Answer<"/api/identity/sessions", "get">[number];

export function SessionsSection() {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["own-sessions"],
    queryFn: () => call(api.GET("/api/identity/sessions")),
  });
  const end = async (act: () => Promise<unknown>) => {
    try {
      await act();
      message.success("已退出。");
    } catch (thrown) {
      message.error(asProblem(thrown).detail);
    }
    void queries.invalidateQueries({ queryKey: ["own-sessions"] });
  };
  const others = (data ?? []).some((row) => !row.current);
  return (
    <Card
      title="登录设备"
      note="发现不是本人的登录，请立即退出并修改密码。"
      actions={
        <Button disabled={!others} onClick={() => void end(() => call(api.DELETE("/api/identity/sessions/others")))}>退出其他全部登录</Button>
      }
    >
      {error && <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />}
      <Table<OwnSession>
        size="small"
        rowKey="id"
        pagination={false}
        loading={isFetching && !data}
        dataSource={data ?? []}
        scroll={{ x: "max-content" }}
        columns={[
          {
            title: "设备",
            dataIndex: "device",
            render: (device: string, row) => (
              <>
                {orNothing(device)} {row.current && <Tag color="blue">本次登录</Tag>}
              </>
            ),
          },
          { title: "网络地址", dataIndex: "place", render: orNothing },
          { title: "登录时间", dataIndex: "started_at", render: showMoment },
          { title: "最近使用", dataIndex: "last_seen_at", render: showMoment },
          {
            title: "操作",
            key: "actions",
            render: (_, row) =>
              !row.current && (
                <Button
                  type="link"
                  size="small"
                  onClick={() => void end(() => call(api.DELETE("/api/identity/sessions/{session_id}", { params: { path: { session_id: row.id } } })))}
                >
                  退出
                </Button>
              ),
          },
        ]}
      />
    </Card>
  );
}
