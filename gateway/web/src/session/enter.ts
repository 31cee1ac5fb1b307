/** From a new session to its first page: where the visitor wanted to go, where that is on the session's side. */
import { useCallback } from "react";
import { useNavigate } from "react-router";

import type { Session } from "@/api/types";

import { homeOf, sideOf, useAdoptSession } from "./session";

export function useEnter(): (session: Session, next?: string) => void {
  const navigate = useNavigate();
  const adopt = useAdoptSession();
  return useCallback(
    (session: Session, next = "") => {
      adopt(session);
      const home = homeOf(session);
      const ours = next.startsWith(`/${sideOf(session)}`);
      if (home === "/units") void navigate(home, { replace: true, state: ours ? { next } : undefined });
      else void navigate(ours && home !== "/secure" ? next : home, { replace: true }); // what must be set comes first
    },
    [adopt, navigate],
  );
}
