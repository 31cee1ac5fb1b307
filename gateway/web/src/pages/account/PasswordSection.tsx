/** 登录密码. */
import { App, Button, Modal } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { Profile } from "@/api/types";
import { showDate } from "@/fields/format";

import { Card } from "./Card";
import { PasswordChange } from "./PasswordChange";

export function PasswordSection({ profile }: { profile: Profile }) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const done = () => {
    setOpen(false);
    message.success("密码已修改，其他登录均已退出。");
    void queries.invalidateQueries({ queryKey: ["account"] });
    void queries.invalidateQueries({ queryKey: ["own-sessions"] });
  };
  return (
    <Card title="登录密码" note={`上次修改：${showDate(profile.password_changed_at)}`} actions={<Button onClick={() => setOpen(true)}>修改密码</Button>}>
      <Modal open={open} title="修改密码" footer={null} destroyOnHidden mask={{ closable: false }} onCancel={() => setOpen(false)}>
        <PasswordChange secondFactor={profile.second_factor != null} onDone={done} onCancel={() => setOpen(false)} />
      </Modal>
    </Card>
  );
}
