/** The first page of the agency's side. */
import { useQuery } from "@tanstack/react-query";

import { api, call } from "@/api/client";
import type { Session } from "@/api/types";
import { KIND_NAMES } from "@/session/session";
import type { PageGroup } from "@/shell/pages";

import { Figure } from "./HallHome";
import styles from "./home.module.css";
import { Tiles } from "./Tiles";
import { Welcome } from "./Welcome";

export function AgencyHome({ session, groups }: { session: Session; groups: readonly PageGroup[] }) {
  return (
    <div className={styles.home}>
      <Welcome session={session} where={`宁波市医疗保障经办机构 · ${KIND_NAMES[session.account.kind]}`}>
        {session.account.kind === "reviewer" && <Queue />}
      </Welcome>
      <Tiles base="/agency" groups={groups} />
    </div>
  );
}

function Queue() {
  const { data } = useQuery({
    queryKey: ["reviews", "count"],
    queryFn: () => call(api.POST("/api/enrollment/reviews/searches", { body: { state: "pending", page: 1, page_size: 1 } })),
  });
  return (
    <div className={styles.figures}>
      <Figure label="待审核申报" unit="件" value={data?.total ?? undefined} to="/agency/reviews" />
    </div>
  );
}
