/** 正在审核: as long as an application is open here, the other reviewers are told, and the one who was first is shown. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { api, call } from "@/api/client";
import type { ReviewClaim } from "@/api/types";

const RENEWED_EVERY_MS = 60_000;

/** Who else has the application open; undefined: nobody, or it isn't known. A hint, so that a fault of it shows nothing. */
export function useOtherClaim(no: string, pending: boolean): ReviewClaim | undefined {
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: ["review-claim", no],
    queryFn: () => call(api.PUT("/api/enrollment/reviews/{no}/claim", { params: { path: { no } } })),
    enabled: pending,
    refetchInterval: RENEWED_EVERY_MS,
    refetchIntervalInBackground: true,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const mine = data?.mine === true;
  useEffect(() => {
    if (!mine) return undefined;
    return () => {
      // Unanswered: when it gets lost, the claim ends by itself.
      void api
        .DELETE("/api/enrollment/reviews/{no}/claim", { params: { path: { no } } })
        .then(() => queries.invalidateQueries({ queryKey: ["reviews"] }), () => undefined);
    };
  }, [mine, no, queries]);
  return data && !data.mine ? data : undefined;
}
