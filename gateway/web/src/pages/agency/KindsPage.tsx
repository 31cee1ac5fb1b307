/** 单位类型: which kinds of employer may declare online. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Skeleton, Switch, Table } from "antd";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { EmployerKind } from "@/api/types";
import { useNames } from "@/fields/dictionaries";
import { orNothing, showMoment } from "@/fields/format";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./DecisionSettingsPage.module.css";
import { kindsQuery } from "./rates";

export default function KindsPage() {
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const name = useNames();
  const { data, error, refetch } = useQuery(kindsQuery);
  const change = useMutation({
    mutationFn: (kind: EmployerKind) =>
      call(
        api.PUT("/api/employer/employer-kinds/{code}", {
          params: { path: { code: kind.code } },
          headers: { "If-Match": `"v${kind.version}"` },
          body: { online_declaration: !kind.online_declaration },
        }),
      ),
    onSuccess: (now) => message.success(`“${now.name}”已${now.online_declaration ? "开通" : "关闭"}网上申报，各单位即将生效。`),
    onError: (thrown) => message.error(asProblem(thrown).detail),
    onSettled: () => void queries.invalidateQueries({ queryKey: kindsQuery.queryKey }),
  });
  const ask = (kind: EmployerKind) => {
    void modal.confirm({
      title: `${kind.online_declaration ? "关闭" : "开通"}“${kind.name}”的网上申报？`,
      content: `对该类型的 ${kind.units} 家单位生效；${kind.online_declaration ? "关闭后这些单位只能到窗口申报，已提交的申报不受影响。" : "开通后这些单位可在网上办理增员和减员。"}`,
      okText: "确认更改",
      cancelText: "取消",
      onOk: () => change.mutateAsync(kind).catch(() => undefined),
    });
  };
  return (
    <div className={styles.page}>
      <PageHead title="单位类型" hint="各类单位能否在网上申报增员、减员，以及其职工的险种。" />
      <section className={styles.card} aria-label="单位类型列表">
        {error ? (
          <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />
        ) : data ? (
          <Table<EmployerKind>
            rowKey={(kind) => kind.code}
            dataSource={data.items}
            pagination={false}
            scroll={{ x: "max-content" }}
            columns={[
              { title: "代码", dataIndex: "code" },
              { title: "单位类型", dataIndex: "name" },
              { title: "险种类型", dataIndex: "insurances", render: (codes: string[]) => codes.map((code) => name("insurance_types", code)).join("、") },
              { title: "单位数", dataIndex: "units", align: "right" },
              {
                title: "网上申报",
                dataIndex: "online_declaration",
                render: (on: boolean, kind) => (
                  <Switch
                    checked={on}
                    checkedChildren="开通"
                    unCheckedChildren="关闭"
                    aria-label={`${kind.name}网上申报`}
                    loading={change.isPending && change.variables.code === kind.code}
                    onChange={() => ask(kind)}
                  />
                ),
              },
              { title: "最近更改人", dataIndex: "changed_by_name", render: orNothing },
              { title: "更改时间", dataIndex: "changed_at", render: showMoment },
            ]}
          />
        ) : (
          <Skeleton active />
        )}
      </section>
    </div>
  );
}
