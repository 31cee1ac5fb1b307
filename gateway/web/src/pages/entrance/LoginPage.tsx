/** Site login: 法人登录 and 经办人登录 on one page. */
import { useQueryClient } from "@tanstack/react-query";
import { Tabs } from "antd";
import { useEffect, useState } from "react";
import { Link, useLocation } from "react-router";

import { showUnit } from "@/api/tabUnit";

import { Entrance } from "./Entrance";
import { LoginForm } from "./LoginForm";
import styles from "./LoginForm.module.css";

/** A login page knows nothing of the session before it. */
export function useCleanSlate(): void {
  const queries = useQueryClient();
  useEffect(() => {
    queries.clear();
    showUnit(undefined);
  }, [queries]);
}

export function LoginPage() {
  useCleanSlate();
  const mode = (useLocation().state as { mode?: string } | null)?.mode;
  const [shown, setShown] = useState(mode === "agent" ? "agent" : "legal_representative");
  return (
    <Entrance title="登录">
      <h1>登录单位网厅</h1>
      <Tabs
        activeKey={shown}
        onChange={setShown}
        destroyOnHidden
        items={[
          { key: "legal_representative", label: "法人登录", children: <LoginForm mode="legal_representative" /> },
          { key: "agent", label: "经办人登录", children: <LoginForm mode="agent" /> },
        ]}
      />
      <div className={styles.register}>
        首次使用请先注册单位账号，<Link to="/register">立即注册</Link>
      </div>
    </Entrance>
  );
}
