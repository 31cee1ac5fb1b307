/** Lets a page through only with a session of the right side; keeps where the visitor wanted to go. */
import { useQuery } from "@tanstack/react-query";
import { Button, Result, Spin } from "antd";
import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";

import { asProblem } from "@/api/problem";
import type { Session } from "@/api/types";

import { homeOf, sessionQuery, sideOf, type Side } from "./session";

interface Props {
  side: Side;
  children: (session: Session) => ReactNode;
}

export function RequireSession({ side, children }: Props) {
  const location = useLocation();
  const { data: session, error, isPending, refetch } = useQuery(sessionQuery);

  if (isPending) return <Spin fullscreen description="正在载入" />;
  if (!session) {
    const problem = asProblem(error);
    if (problem.status === 401) {
      const login = side === "agency" ? "/staff/login" : "/login";
      return <Navigate to={login} replace state={{ next: location.pathname + location.search }} />;
    }
    return (
      <Result
        status="warning"
        title={problem.title}
        subTitle={problem.detail}
        extra={<Button type="primary" onClick={() => void refetch()}>重试</Button>}
      />
    );
  }
  if (session.limited_to != null || sideOf(session) !== side) return <Navigate to={homeOf(session)} replace />;
  return children(session);
}
