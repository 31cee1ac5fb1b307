/** 个人中心: everything about the own account, section by section. */
import { useQuery } from "@tanstack/react-query";
import { Spin } from "antd";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./account.module.css";
import { SECTIONS } from "./sections";

export default function AccountPage() {
  const { data: profile, error, refetch } = useQuery({
    queryKey: ["account"],
    queryFn: () => call(api.GET("/api/identity/account")),
  });
  return (
    <div className={styles.page}>
      <PageHead title="个人中心" hint="登录密码、手机号码、动态口令与登录记录。" />
      {error && <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />}
      {!profile && !error && <Spin />}
      {profile && SECTIONS.map(({ key, Section }) => <Section key={key} profile={profile} />)}
    </div>
  );
}
