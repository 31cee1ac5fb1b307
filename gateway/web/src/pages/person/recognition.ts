/** Whether the account was found to be an insured person's; asked again by itself while it may still change soon. */
import { useQuery } from "@tanstack/react-query";

import { api, call } from "@/api/client";
import type { Recognition } from "@/api/types";

const SOON_MS = 2_000;
/** The hall compares again when the register or the account has changed. */
const LATER_MS = 15_000;

const waitOf = (known: Recognition | undefined): number | false => {
  if (known?.ready) return false;
  return known?.standing === "mobile_differs" || known?.standing === "not_found" ? LATER_MS : SOON_MS;
};

export function useRecognition() {
  return useQuery({
    queryKey: ["recognition"],
    queryFn: () => call(api.GET("/api/enrollment/me/recognition")),
    refetchInterval: (query) => (query.state.error ? false : waitOf(query.state.data)),
  });
}
