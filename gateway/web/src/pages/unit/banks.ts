/** The bank classes, read once. */
import { useQuery } from "@tanstack/react-query";

import { api, call } from "@/api/client";

export function useBankClasses(): { options: { value: string; label: string }[]; loading: boolean } {
  const { data, isPending } = useQuery({
    queryKey: ["bank-classes"],
    queryFn: () => call(api.GET("/api/employer/bank-classes")),
    staleTime: 3_600_000,
  });
  return { options: (data ?? []).map((bank) => ({ value: bank.code, label: `${bank.code} ${bank.name}` })), loading: isPending };
}
