/** 动态口令: enrol, replace, new recovery codes, turn off. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Modal, Space, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Profile } from "@/api/types";
import { showDate } from "@/fields/format";
import { sessionQuery } from "@/session/session";
import { withStepUp } from "@/session/stepUp";

import { Card } from "./Card";
import { Enrolment, RecoveryCodes } from "./Enrolment";

export function SecondFactorSection({ profile }: { profile: Profile }) {
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const [enrolling, setEnrolling] = useState(false);
  const [codes, setCodes] = useState<string[]>();
  const factor = profile.second_factor;

  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ["account"] });
    void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
  const say = (thrown: unknown) => void message.error(asProblem(thrown).detail);
  const renewCodes = () => {
    withStepUp(() => call(api.POST("/api/identity/account/second-factor/recovery-codes"))).then((answer) => {
      setCodes(answer.recovery_codes);
      refresh();
    }, say);
  };
  const turnOff = () => {
    void modal.confirm({
      title: "关闭动态口令？",
      content: "关闭后仅凭密码即可登录，恢复码同时失效。",
      okText: "关闭动态口令",
      cancelText: "取消",
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await withStepUp(() => call(api.DELETE("/api/identity/account/second-factor")));
          message.success("动态口令已关闭。");
          refresh();
        } catch (thrown) {
          say(thrown);
        }
      },
    });
  };

  return (
    <Card
      title="动态口令"
      note={
        factor ? (
          <>
            <Tag color="success">已启用</Tag>
            {showDate(factor.since)} 起，剩余恢复码 {factor.recovery_codes_left} 个
          </>
        ) : (
          "登录时除密码外，再输入手机应用显示的 6 位口令，更加安全"
        )
      }
      actions={
        factor ? (
          <Space wrap>
            <Button onClick={renewCodes}>重新生成恢复码</Button>
            <Button onClick={() => setEnrolling(true)}>更换应用</Button>
            {!profile.second_factor_needed && <Button danger onClick={turnOff}>关闭</Button>}
          </Space>
        ) : (
          <Button type="primary" onClick={() => setEnrolling(true)}>启用动态口令</Button>
        )
      }
    >
      <Modal open={enrolling} title="设置动态口令" width={620} footer={null} closable={false} destroyOnHidden mask={{ closable: false }} keyboard={false}>
        <Enrolment
          onCancel={() => setEnrolling(false)}
          onDone={() => {
            setEnrolling(false);
            refresh();
          }}
        />
      </Modal>
      <Modal
        open={codes !== undefined}
        title="新的恢复码"
        footer={<Button type="primary" onClick={() => setCodes(undefined)}>已保存，关闭</Button>}
        onCancel={() => setCodes(undefined)}
        mask={{ closable: false }}
        destroyOnHidden
      >
        <RecoveryCodes codes={codes ?? []} />
      </Modal>
    </Card>
  );
}
