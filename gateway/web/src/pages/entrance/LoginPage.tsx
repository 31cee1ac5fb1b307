/** Site login: 法人登录, 经办人登录 and 个人登录 on one page. */
import { useQueryClient } from "@tanstack/react-query";
import { Tabs } from "antd";
import { useEffect, useState } from "react";
import { Link, useLocation } from "react-router";

import { showUnit } from "@/api/tabUnit";

import { Entrance } from "./Entrance";
import { LoginForm } from "./LoginForm";
import { SsoButtons, SsoFarewell, type SsoMode } from "./SsoButtons";
import styles from "./LoginForm.module.css";

/** A login page knows nothing of the session before it. */
export function useCleanSlate(): void {
  const queries = useQueryClient();
  useEffect(() => {
    // All but the ways in, which the page is just asking for.
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "sso" });
    showUnit(undefined);
  }, [queries]);
}

const KINDS: Readonly<Record<string, string>> = { legal_representative: "法人", agent: "经办人", person: "个人" };

export function LoginPage() {
  useCleanSlate();
  const { mode, next } = (useLocation().state ?? {}) as { mode?: string; next?: string };
  const [shown, setShown] = useState<SsoMode>(mode !== undefined && mode in KINDS ? (mode as SsoMode) : "legal_representative");
  return (
    <Entrance title="登录">
      <h1>登录单位网厅</h1>
      <Tabs
        activeKey={shown}
        onChange={(key) => setShown(key as SsoMode)}
        destroyOnHidden
        items={[
          { key: "legal_representative", label: "法人登录", children: <LoginForm mode="legal_representative" /> },
          { key: "agent", label: "经办人登录", children: <LoginForm mode="agent" /> },
          { key: "person", label: "个人登录", children: <LoginForm mode="person" /> },
        ]}
      />
      <SsoButtons mode={shown} returnTo={next} />
      <SsoFarewell />
      <div className={styles.register}>
        首次使用请先注册{KINDS[shown]}账号，<Link to="/register" state={{ kind: shown }}>立即注册</Link>
      </div>
    </Entrance>
  );
}
