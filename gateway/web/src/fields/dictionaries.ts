/** The agency's code tables, read once. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { api, call } from "@/api/client";
import type { Answer } from "@/api/types";

/** Codes of a table, by the table's name. */
export type CodeName = Answer<"/api/enrollment/dictionaries", "get">["tables"][string][number];

const dictionariesQuery = queryOptions({
  queryKey: ["dictionaries"],
  queryFn: () => call(api.GET("/api/enrollment/dictionaries")),
  staleTime: 3_600_000,
});

/** The rows of a code table; empty until it was read. */
export function useCodes(table: string): { codes: readonly CodeName[]; loading: boolean } {
  const { data, isPending } = useQuery(dictionariesQuery);
  return { codes: data?.tables[table] ?? [], loading: isPending };
}

/** Names a code: `name("sexes", "1")` → 男. An unknown code stays visible as it is. */
export function useNames(): (table: string, code: string | null | undefined) => string {
  const { data } = useQuery(dictionariesQuery);
  return useCallback(
    (table, code) => {
      if (code == null || code === "") return "—";
      const rows = data?.tables[table] ?? [];
      return rows.find((row) => row.code === code)?.name ?? code;
    },
    [data],
  );
}
