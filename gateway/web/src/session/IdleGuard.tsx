/**
 * Warns before the session ends for want of use in any tab, and then ends it: what the pages ask of themselves (notices,
 * jobs) keeps it alive at the hall, so it would never run out there while a page is open.
 */
import { Button, Modal } from "antd";
import { useEffect, useRef, useState } from "react";

import { api, call } from "@/api/client";
import { Problem } from "@/api/problem";
import { onSignal, signal } from "@/api/signals";

import { onTabNews, tellOtherTabs } from "./otherTabs";

const WARN_BEFORE_S = 120;
/** Other tabs are told of use no more often. */
const TELL_EVERY_MS = 5000;

export function IdleGuard({ idleSeconds }: { idleSeconds: number }) {
  const lastAnswer = useRef(0);
  const [left, setLeft] = useState<number>();

  useEffect(() => {
    let told = 0;
    const used = () => {
      lastAnswer.current = Date.now();
      setLeft(undefined);
    };
    used();
    const stopTabs = onTabNews((news) => {
      if (news.kind === "inUse") used();
    });
    const stop = onSignal("answered", () => {
      used();
      if (lastAnswer.current - told < TELL_EVERY_MS) return;
      told = lastAnswer.current;
      tellOtherTabs({ kind: "inUse" });
    });
    const timer = window.setInterval(() => {
      const remaining = Math.round(idleSeconds - (Date.now() - lastAnswer.current) / 1000);
      setLeft(remaining <= WARN_BEFORE_S ? Math.max(remaining, 0) : undefined);
      if (remaining <= 0) {
        window.clearInterval(timer);
        call(api.DELETE("/api/identity/sessions/current"), { quiet: true, background: true }).catch(() => undefined); // or ended already
        signal(
          "sessionEnded",
          new Problem({ status: 401, code: "session_expired", title: "登录已失效", detail: "您长时间没有操作，已自动退出，请重新登录。" }),
        );
      }
    }, 1000);
    return () => {
      stop();
      stopTabs();
      window.clearInterval(timer);
    };
  }, [idleSeconds]);

  const goOn = () => {
    call(api.GET("/api/identity/sessions/current")).catch(() => undefined); // an ended session is told by the client itself
  };
  const clock = left === undefined ? "" : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <Modal
      open={left !== undefined}
      title="即将自动退出"
      closable={false}
      footer={<Button type="primary" autoFocus onClick={goOn}>继续使用</Button>}
    >
      <p role="timer" aria-live="polite">
        您已有一段时间没有操作，{clock} 后将自动退出。已填写而未提交的内容在重新登录后仍会保留。
      </p>
    </Modal>
  );
}
