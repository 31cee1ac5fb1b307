/** Which unit to work for. One account may serve many; one credit code may own several. */
import { BankOutlined, RightOutlined, SearchOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Empty, Input, Pagination, Spin, Tag } from "antd";
import { useDeferredValue, useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { api, call } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { Unit } from "@/api/types";
import { useNames } from "@/fields/dictionaries";
import { ProblemNote } from "@/patterns/ProblemNote";
import { ReceivedInvitations } from "@/session/ReceivedInvitations";
import { lastUnit, rememberUnit } from "@/session/remembered";
import { sessionQuery, useAdoptSession, useLogout } from "@/session/session";
import { tellOtherTabs } from "@/session/otherTabs";

import { Entrance } from "./Entrance";
import styles from "./UnitChooserPage.module.css";

const PAGE_SIZE = 8;

/** What the page is for; `total`: of all units, where it is known. */
function invitation(total: number | undefined): string {
  if (total === 0) return "您目前没有可办理业务的单位。";
  const units = total === undefined ? "请选择要办理业务的单位" : `您可以为以下 ${total} 家单位办理业务`;
  return `${units}，进入后可随时切换。`;
}

export default function UnitChooserPage() {
  const navigate = useNavigate();
  const adopt = useAdoptSession();
  const logout = useLogout();
  const name = useNames();
  const next = (useLocation().state as { next?: string } | null)?.next;
  const { data: session } = useQuery(sessionQuery);
  const [typed, setTyped] = useState("");
  const [page, setPage] = useState(1);
  const [busy, setBusy] = useState<string>();
  const [refused, setRefused] = useState<Problem>();
  const q = useDeferredValue(typed.trim());
  const { data, error, isPending } = useQuery({
    queryKey: ["units", q, page],
    queryFn: () => call(api.GET("/api/identity/units", { params: { query: { q, page, page_size: PAGE_SIZE } } })),
    staleTime: 0, // units change their names, and agents are invited and removed
    placeholderData: keepPreviousData,
  });
  const problem = refused ?? (error ? asProblem(error) : undefined);
  const remembered = session && lastUnit(session.account.id);
  const units = data?.items ?? [];

  const choose = async (unit: Unit) => {
    setBusy(unit.employer_no);
    setRefused(undefined);
    try {
      const answer = await call(api.POST("/api/identity/sessions/current/unit", { body: { employer_no: unit.employer_no } }));
      rememberUnit(answer.account.id, unit.employer_no);
      adopt(answer);
      tellOtherTabs({ kind: "unit", employerNo: unit.employer_no, name: unit.name });
      void navigate(next ?? "/hall", { replace: true });
    } catch (thrown) {
      setRefused(asProblem(thrown));
      setBusy(undefined);
    }
  };
  const leave = async () => {
    await logout().catch(() => undefined);
    void navigate("/login", { replace: true });
  };

  return (
    <Entrance title="选择单位" wide>
      <h1>选择办理业务的单位</h1>
      <p className={styles.lead}>
        {session?.account.display_name}，您好。{invitation(q === "" ? data?.total : undefined)}
      </p>
      {problem && <ProblemNote problem={problem} />}
      {session?.account.kind === "agent" && <ReceivedInvitations />}
      <Input
        size="large"
        allowClear
        autoFocus
        prefix={<SearchOutlined />}
        placeholder="按单位名称或单位编号查找"
        aria-label="查找单位"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setPage(1);
        }}
        onPressEnter={() => {
          const [first] = units;
          if (first && q === typed.trim()) void choose(first);
        }}
      />
      <div className={styles.list} aria-busy={isPending}>
        {isPending && <Spin className={styles.spin ?? ""} />}
        {!isPending && units.length === 0 && (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={q === "" ? "还没有可办理的单位，请联系单位法人授权" : "没有找到这样的单位"} />
        )}
        {units.map((unit) => (
          <button key={unit.employer_no} type="button" className={styles.unit} disabled={busy !== undefined} onClick={() => void choose(unit)}>
            <BankOutlined className={styles.icon ?? ""} aria-hidden="true" />
            <span className={styles.words}>
              <strong>
                {unit.name}
                {unit.employer_no === remembered && <Tag color="cyan">上次使用</Tag>}
                {unit.employer_no === session?.employer_no && <Tag color="blue">当前</Tag>}
              </strong>
              <span className="figures">
                单位编号 {unit.employer_no} · {unit.uscc} · {name("employer_kinds", unit.kind)}
              </span>
            </span>
            {busy === unit.employer_no ? <Spin size="small" /> : <RightOutlined aria-hidden="true" />}
          </button>
        ))}
      </div>
      <div className={styles.foot}>
        <Button type="link" onClick={() => void leave()}>退出登录</Button>
        {(data?.total ?? 0) > PAGE_SIZE && (
          <Pagination size="small" current={page} pageSize={PAGE_SIZE} total={data?.total ?? 0} showSizeChanger={false} onChange={setPage} />
        )}
      </div>
    </Entrance>
  );
}
