/** The notices of the unit, kept up to date; lists of applications follow them. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { api, call } from "@/api/client";
import type { Notices } from "@/api/types";

import { followNotices, newsBetween } from "./notices";

export const NOTICES = ["notices"] as const;

const readNotices = (): Promise<Notices> => call(api.GET("/api/enrollment/notices"), { background: true });

/** The notices of this tab's unit. `tell` hears of each decision that comes while the page is open. */
export function useNotices(employerNo: string, tell: (decided: Notices["items"]) => void): Notices | undefined {
  const queries = useQueryClient();
  const { data } = useQuery({ queryKey: NOTICES, queryFn: readNotices, staleTime: Infinity, retry: false });
  const latestTell = useRef(tell);
  useEffect(() => {
    latestTell.current = tell;
  });
  useEffect(
    () =>
      followNotices((now) => {
        if (now.employer_no !== employerNo) return; // another tab has switched: this one is told when it does something
        const news = newsBetween(queries.getQueryData<Notices>(NOTICES), now);
        queries.setQueryData(NOTICES, now);
        if (!news.changed) return;
        void queries.invalidateQueries({ queryKey: ["applications"] });
        void queries.invalidateQueries({ queryKey: ["application"] });
        if (news.decided.length > 0) latestTell.current(news.decided);
      }, readNotices),
    [employerNo, queries],
  );
  return data;
}
