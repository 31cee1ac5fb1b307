/** The shell of the unit hall 单位网厅. */
import { useLayoutEffect, useMemo } from "react";
import { Navigate } from "react-router";

import { showUnit } from "@/api/tabUnit";
import type { Session } from "@/api/types";
import { HallHome } from "@/pages/home/HallHome";

import { Frame } from "./Frame";
import { hallGroups } from "./hallPages";
import { InvitationsNotice } from "./InvitationsNotice";
import { NoticeBell } from "./NoticeBell";
import { permitted } from "./pages";
import { UnitSwitcher } from "./UnitSwitcher";

export default function HallShell({ session }: { session: Session }) {
  const { employer_no: employerNo, unit_name: unitName, permissions } = session;
  const { kind } = session.account;
  const groups = useMemo(() => permitted(hallGroups, kind, permissions), [kind, permissions]);
  useLayoutEffect(() => {
    if (employerNo != null) showUnit({ employerNo, name: unitName ?? employerNo });
  }, [employerNo, unitName]);

  if (employerNo == null) return <Navigate to="/units" replace />;
  return (
    <Frame
      key={employerNo}
      session={session}
      base="/hall"
      memory={`hall.tabs.${employerNo}`}
      name="单位网厅"
      groups={groups}
      homeTitle="网厅首页"
      home={<HallHome session={session} groups={groups} />}
      headerMiddle={
        <>
          <UnitSwitcher session={session} />
          {kind === "agent" && <InvitationsNotice />}
          <NoticeBell session={session} />
        </>
      }
      login="/login"
    />
  );
}
