/** Why a login by way of an identity provider came to nothing, and what to do instead. */
import { useQuery } from "@tanstack/react-query";
import { Button, Result, Spin } from "antd";
import { Link, useSearchParams } from "react-router";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";

import { Entrance } from "./Entrance";
import styles from "./Sso.module.css";

/** Said when the words themselves can't be had. */
const GENERAL = { title: "登录没有完成", detail: "通过统一登录平台登录没有完成，请返回登录页重新登录。", ways: ["again"] };

export default function SsoRefusedPage() {
  const [query] = useSearchParams();
  const code = query.get("code") ?? "";
  const { data, error, isPending } = useQuery({
    queryKey: ["sso", "refusal", code],
    queryFn: () => call(api.GET("/api/identity/sso/refusals/{code}", { params: { path: { code } } }), { quiet: true }),
    enabled: /^[a-z_]+$/.test(code),
    staleTime: Infinity,
  });
  if (isPending && /^[a-z_]+$/.test(code)) return <Spin fullscreen description="正在载入" />;
  const away = error !== null && asProblem(error).status !== 404;
  const said = data ?? { ...GENERAL, ...(away ? { detail: asProblem(error).detail } : {}) };
  const backToLogin = said.ways.some((way) => way === "again" || way === "login");
  return (
    <Entrance title={said.title}>
      <Result
        status="warning"
        title={said.title}
        subTitle={said.detail}
        extra={
          <>
            {backToLogin && <Link to="/login" replace><Button type="primary" size="large">返回登录页</Button></Link>}
            {said.ways.includes("register") && <Link to="/register" replace><Button size="large">注册账号</Button></Link>}
          </>
        }
      >
        {said.ways.includes("agency") && (
          <p className={styles.lead}>联系经办机构：请携带身份证件到医保经办窗口办理，或拨打医保服务热线 12393。</p>
        )}
      </Result>
    </Entrance>
  );
}
