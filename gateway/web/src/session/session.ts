/** The session as the pages see it: who is signed in, for which unit, and where each kind of account lives. */
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { api, call } from "@/api/client";
import { showUnit } from "@/api/tabUnit";
import type { Session } from "@/api/types";
import { forgetDrafts } from "@/patterns/drafts";

import { tellOtherTabs } from "./otherTabs";

export type Side = "hall" | "agency" | "person";

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => call(api.GET("/api/identity/sessions/current"), { quiet: true }),
  staleTime: 60_000,
  retry: false,
});

export function sideOf(session: Session): Side {
  const { kind } = session.account;
  if (kind === "person") return "person";
  return kind === "reviewer" || kind === "operator" ? "agency" : "hall";
}

export function homeOf(session: Session): string {
  if (session.limited_to != null) return "/secure";
  const side = sideOf(session);
  if (side !== "hall") return `/${side}`;
  return session.employer_no == null ? "/units" : "/hall";
}

export const KIND_NAMES: Readonly<Record<string, string>> = {
  legal_representative: "法人",
  agent: "经办人",
  person: "个人",
  reviewer: "审核员",
  operator: "经办管理员",
};

/** Puts a new session (login, unit switch) in place of the old one and forgets what was read under it. */
export function useAdoptSession(): (session: Session) => void {
  const queries = useQueryClient();
  return useCallback(
    (session: Session) => {
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" && query.queryKey[0] !== "dictionaries" });
      queries.setQueryData(sessionQuery.queryKey, session);
      showUnit(
        session.employer_no == null ? undefined : { employerNo: session.employer_no, name: session.unit_name ?? session.employer_no },
      );
    },
    [queries],
  );
}

/** Ends the session on purpose: nothing of it stays in this browser. */
export function useLogout(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(async () => {
    await call(api.DELETE("/api/identity/sessions/current"));
    forgetDrafts();
    showUnit(undefined);
    queries.clear();
    tellOtherTabs({ kind: "logout" });
  }, [queries]);
}
