/** 站内消息 in the header: what the agency has decided and which reports have ended, new ones counted. */
import { BellOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Badge, Button, Empty, Popover, Tag } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, call } from "@/api/client";
import type { Session } from "@/api/types";
import { showMoment } from "@/fields/format";
import { ApplicationDrawer } from "@/pages/applications/ApplicationDrawer";
import { KINDS, StateTag, stateWord, subjectOf } from "@/pages/applications/applicationColumns";
import { latestOf, type Decision, type ReportNotice } from "@/pages/applications/notices";
import { NOTICES, useNotices } from "@/pages/applications/useNotices";

import styles from "./NoticeBell.module.css";

export function NoticeBell({ session }: { session: Session }) {
  return session.employer_no != null && session.permissions.includes("query") ? <Bell employerNo={session.employer_no} /> : null;
}

function Bell({ employerNo }: { employerNo: string }) {
  const { notification } = App.useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState<string>();
  const notices = useNotices(employerNo, (decided) => {
    notification.info({ key: "decided", title: "审核结果", description: told(decided), placement: "bottomRight" });
  });
  const unseen = notices?.unseen ?? 0;
  const entries = latestOf(notices);

  const change = (wanted: boolean) => {
    setOpen(wanted);
    const newest = entries[0]?.at;
    if (!wanted || unseen === 0 || newest === undefined) return;
    call(api.POST("/api/enrollment/notices/seen", { body: { seen_to: newest } })).then(
      (now) => queries.setQueryData(NOTICES, now),
      () => undefined, // they stay marked as new
    );
  };
  const go = (act: () => void) => {
    setOpen(false);
    act();
  };
  return (
    <>
      <Popover
        trigger="click"
        placement="bottom" // kept inside the window at both sides, also where that is hardly wider
        open={open}
        onOpenChange={change}
        title="站内消息"
        content={
          <div className={styles.box}>
            {entries.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有消息" />}
            <ul className={styles.list}>
              {entries.map((entry) => (
                <li key={entry.decision ? entry.decision.no : entry.report.job_id}>
                  <button
                    type="button"
                    className={styles.notice}
                    onClick={() => go(() => (entry.decision ? setShown(entry.decision.no) : void navigate("/hall/reports")))}
                  >
                    <span>{entry.decision ? <OfDecision decision={entry.decision} /> : <OfReport report={entry.report} />}</span>
                    <small>{showMoment(entry.at)}</small>
                  </button>
                </li>
              ))}
            </ul>
            <Button type="link" onClick={() => go(() => void navigate("/hall/decided"))}>查看全部已审核数据</Button>
          </div>
        }
      >
        <button type="button" className={styles.bell} aria-label={unseen > 0 ? `站内消息，${unseen} 条未读` : "站内消息"}>
          <Badge count={unseen} overflowCount={99} size="small">
            <BellOutlined aria-hidden className={styles.icon ?? ""} />
          </Badge>
        </button>
      </Popover>
      <ApplicationDrawer no={shown} onClose={() => setShown(undefined)} />
    </>
  );
}

function OfDecision({ decision }: { decision: Decision }) {
  return (
    <>
      {KINDS[decision.kind]}：{subjectOf(decision)} <StateTag status={decision.status} automatic={decision.decided_automatically} />
    </>
  );
}

function OfReport({ report }: { report: ReportNotice }) {
  return (
    <>
      报表：{report.title} <Tag color={report.failed ? "error" : "success"}>{report.failed ? "没有生成成功" : "已生成"}</Tag>
    </>
  );
}

function told(decided: readonly Decision[]): string {
  const [first] = decided;
  if (decided.length !== 1 || !first) return `有 ${decided.length} 件申报已审核，可在站内消息中查看。`;
  return `${KINDS[first.kind] ?? first.kind}“${subjectOf(first)}”：${stateWord(first.status)}。`;
}
