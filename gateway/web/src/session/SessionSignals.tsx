/** Answers what requests and other tabs find out about the session: over, idle, or working for another unit. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useCallback, useEffect, useRef } from "react";
import { useLocation, useNavigate } from "react-router";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import { onSignal } from "@/api/signals";
import { showUnit, tabUnit } from "@/api/tabUnit";
import type { Session } from "@/api/types";

import { onTabNews, tellOtherTabs } from "./otherTabs";
import { sessionQuery } from "./session";

const SIGNED_IN = /^\/(hall|agency|person|units|secure)(\/|$)/;

export function SessionSignals() {
  const { modal, message } = App.useApp();
  const navigate = useNavigate();
  const location = useLocation();
  const queries = useQueryClient();
  const asking = useRef(false);
  const here = useRef(location);
  useEffect(() => {
    here.current = location;
  }, [location]);

  const toLogin = useCallback(
    (notice: string) => {
      const { pathname, search } = here.current;
      if (!SIGNED_IN.test(pathname)) return;
      const login = pathname.startsWith("/agency") ? "/staff/login" : "/login";
      void navigate(login, { state: { next: pathname + search, notice } }); // the login page forgets what was read
    },
    [navigate],
  );

  const explainMismatch = useCallback(
    (actual: { employerNo: string; name: string } | undefined, detail: string) => {
      const shown = tabUnit();
      if (asking.current || !shown || !SIGNED_IN.test(here.current.pathname)) return;
      asking.current = true;
      const close = () => {
        asking.current = false;
        dialog.destroy();
      };
      const stay = async () => {
        const session = await call(api.POST("/api/identity/sessions/current/unit", { body: { employer_no: shown.employerNo } }));
        queries.setQueryData(sessionQuery.queryKey, session);
        tellOtherTabs({ kind: "unit", ...shown });
        close();
        message.success(`已切换回 ${shown.name}，请重新提交。`);
      };
      const dialog = modal.warning({
        title: "本页所属单位与当前办理单位不一致",
        width: 520,
        keyboard: false,
        content: (
          <>
            <p>
              本页属于 <strong>{shown.name}</strong>（{shown.employerNo}）
              {actual && (
                <>
                  ，您已在其他页面切换到 <strong>{actual.name}</strong>（{actual.employerNo}）
                </>
              )}
              。
            </p>
            <p>{detail}</p>
          </>
        ),
        footer: (
          <div className="modal-actions">
            <Button
              onClick={() => {
                stay().catch((thrown: unknown) => {
                  close();
                  message.error(asProblem(thrown).detail);
                });
              }}
            >
              切换回本页单位
            </Button>
            <Button
              type="primary"
              autoFocus
              onClick={() => {
                showUnit(undefined);
                window.location.assign("/hall");
              }}
            >
              重新载入{actual ? `：${actual.name}` : ""}
            </Button>
          </div>
        ),
      });
    },
    [message, modal, queries],
  );

  useEffect(() => onSignal("sessionEnded", (problem) => toLogin(problem.detail)), [toLogin]);
  useEffect(
    () =>
      onSignal("mandateEnded", (problem) => {
        if (asking.current) return; // several requests of a page find it out at once
        asking.current = true;
        modal.warning({
          title: problem.title,
          content: problem.detail,
          okText: "选择其他单位",
          cancelText: "留在本页",
          okCancel: true,
          focusable: { autoFocusButton: "cancel" },
          onOk: () => void navigate("/units"),
          afterClose: () => {
            asking.current = false;
          },
        });
      }),
    [modal, navigate],
  );
  useEffect(() => onSignal("unitRequired", () => void navigate("/units")), [navigate]);
  useEffect(
    () =>
      onSignal("unitMismatch", (problem) => {
        call(api.GET("/api/identity/sessions/current"))
          .then((session: Session) =>
            session.employer_no == null ? undefined : { employerNo: session.employer_no, name: session.unit_name ?? session.employer_no },
          )
          .catch(() => undefined)
          .then((actual) => explainMismatch(actual, problem.detail))
          .catch(() => undefined);
      }),
    [explainMismatch],
  );
  useEffect(
    () =>
      onTabNews((news) => {
        if (news.kind === "logout") toLogin("您已在其他页面退出登录。");
        else if (news.kind === "unit" && tabUnit() && tabUnit()?.employerNo !== news.employerNo) {
          explainMismatch(news, "为避免业务办到其他单位名下，请先选择要继续办理的单位。");
        }
      }),
    [explainMismatch, toLogin],
  );
  return null;
}
