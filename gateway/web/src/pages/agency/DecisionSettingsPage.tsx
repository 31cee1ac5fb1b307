/** 审核设置: which kinds of application are decided automatically when all checks pass. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Skeleton, Switch, Table } from "antd";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Row } from "@/api/types";
import { orNothing, showMoment } from "@/fields/format";
import { KINDS } from "@/pages/applications/applicationColumns";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./DecisionSettingsPage.module.css";

type Setting = Row<"/api/enrollment/decision-settings", "get">;
const SETTINGS = ["decision-settings"];

export default function DecisionSettingsPage() {
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const { data, error, refetch } = useQuery({
    queryKey: SETTINGS,
    queryFn: () => call(api.GET("/api/enrollment/decision-settings")),
  });
  const change = useMutation({
    mutationFn: (setting: Setting) =>
      call(
        api.PUT("/api/enrollment/decision-settings/{kind}", {
          params: { path: { kind: setting.kind } },
          headers: { "If-Match": `"v${setting.version}"` },
          body: { automatic: !setting.automatic },
        }),
      ),
    onSuccess: (now) => message.success(`${KINDS[now.kind] ?? now.kind}已改为${now.automatic ? "自动审核" : "人工审核"}`),
    onError: (thrown) => message.error(asProblem(thrown).detail),
    onSettled: () => void queries.invalidateQueries({ queryKey: SETTINGS }),
  });
  const ask = (setting: Setting) => {
    const kind = KINDS[setting.kind] ?? setting.kind;
    modal.confirm({
      title: setting.automatic ? `“${kind}”改为人工审核？` : `“${kind}”改为自动审核？`,
      content: setting.automatic
        ? "此后提交的申报一律由审核员审核。"
        : "此后提交的申报，系统核对全部通过的即时自动审核通过；有任何提示的仍由审核员审核。已在待审核中的申报不受影响。",
      okText: "确认更改",
      cancelText: "取消",
      onOk: () => change.mutateAsync(setting).catch(() => undefined),
    });
  };
  return (
    <div className={styles.page}>
      <PageHead title="审核设置" hint="哪些业务在系统核对全部通过时自动审核。更改会记入审计日志。" />
      <section className={styles.card} aria-label="审核设置列表">
        <Alert type="info" showIcon title="自动审核只适用于没有任何提示的申报；更改只对此后提交的申报生效。" className={styles.note ?? ""} />
        {error ? (
          <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />
        ) : data ? (
          <Table<Setting>
            rowKey={(setting) => setting.kind}
            dataSource={data.items}
            pagination={false}
            scroll={{ x: "max-content" }}
            columns={[
              { title: "业务类型", dataIndex: "kind", render: (kind: string) => KINDS[kind] ?? kind },
              {
                title: "自动审核",
                dataIndex: "automatic",
                render: (automatic: boolean, setting) => (
                  <Switch
                    checked={automatic}
                    checkedChildren="自动"
                    unCheckedChildren="人工"
                    aria-label={`${KINDS[setting.kind] ?? setting.kind}自动审核`}
                    loading={change.isPending && change.variables.kind === setting.kind}
                    onChange={() => ask(setting)}
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
