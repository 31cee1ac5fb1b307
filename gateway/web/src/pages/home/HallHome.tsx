/** The entrance of the unit hall: what waits, and the services as tiles. */
import { ArrowRightOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";

import { api, call } from "@/api/client";
import type { Permission, Session } from "@/api/types";
import type { PageGroup } from "@/shell/pages";

import styles from "./home.module.css";
import { Tiles } from "./Tiles";
import { Welcome } from "./Welcome";

export function HallHome({ session, groups }: { session: Session; groups: readonly PageGroup[] }) {
  const may = (permission: Permission) => session.permissions.includes(permission);
  return (
    <div className={styles.home}>
      <Welcome
        session={session}
        where={<>正在为 <b>{session.unit_name}</b> 办理业务，<span className="figures">单位编号 {session.employer_no}</span></>}
      >
        {may("query") && <Figures />}
      </Welcome>
      <Tiles base="/hall" groups={groups} moreTitle="更多服务" lead="services" />
    </div>
  );
}

function Figures() {
  const pending = useQuery({
    queryKey: ["applications", "count"],
    queryFn: () => call(api.POST("/api/enrollment/applications/searches", { body: { state: "pending", page: 1, page_size: 1 } })),
  });
  const unit = useQuery({ queryKey: ["unit"], queryFn: () => call(api.GET("/api/employer/unit")) });
  return (
    <div className={styles.figures}>
      <Figure label="在保人数" unit="人" value={unit.data?.basic.insured_people} to="/hall/roster" />
      <Figure label="待审核申报" unit="件" value={pending.data?.total ?? undefined} to="/hall/pending" />
    </div>
  );
}

export function Figure({ label, value, unit, to, extra }: { label: string; value: number | undefined; unit: string; to: string; extra?: ReactNode }) {
  const navigate = useNavigate();
  return (
    <button type="button" className={styles.figure} onClick={() => void navigate(to)}>
      <span>
        {label} <ArrowRightOutlined aria-hidden />
      </span>
      <strong className="figures">{value ?? "—"}</strong>
      <small>{unit}</small>
      {extra}
    </button>
  );
}
