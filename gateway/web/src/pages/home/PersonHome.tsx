/** The first page of an insured person: how they are insured and what was paid, or why that can't be shown yet. */
import { useQuery } from "@tanstack/react-query";

import { api, call } from "@/api/client";
import type { Session } from "@/api/types";
import { useOwnCoverage } from "@/pages/person/ownCoverage";
import { Recognised } from "@/pages/person/Recognised";
import { useRecognition } from "@/pages/person/recognition";
import type { PageGroup } from "@/shell/pages";

import { Figure } from "./HallHome";
import styles from "./home.module.css";
import { Tiles } from "./Tiles";
import { Welcome } from "./Welcome";

export function PersonHome({ session, groups }: { session: Session; groups: readonly PageGroup[] }) {
  const { data } = useRecognition();
  return (
    <div className={styles.home}>
      <Welcome session={session} where="宁波市医疗保障个人账号">
        {data?.ready && <Figures />}
      </Welcome>
      {!data?.ready && <Recognised>{null}</Recognised>}
      <Tiles base="/person" groups={groups} />
    </div>
  );
}

function Figures() {
  const coverage = useOwnCoverage();
  const paid = useQuery({
    queryKey: ["own-contributions", "year"],
    queryFn: () => call(api.GET("/api/employer/me/contributions", { params: { query: { page_size: 1 } } })),
  });
  return (
    <div className={styles.figures}>
      <Figure label="正常参保险种" unit="项" value={coverage.data?.items.filter((item) => item.status === "1").length} to="/person/coverage" />
      <Figure label="近12个月缴费" unit="个月" value={paid.data?.totals.months} to="/person/contributions" />
    </div>
  );
}
