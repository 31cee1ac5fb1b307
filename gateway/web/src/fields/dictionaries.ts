/** The agency's code tables, read once. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { api, call } from "@/api/client";
import type { Answer } from "@/api/types";

type Dictionaries = Answer<"/api/enrollment/dictionaries", "get">;
export type TableName = keyof Dictionaries["tables"] & string;
export interface CodeName {
  readonly code: string;
  readonly name: string;
}

const dictionariesQuery = queryOptions({
  queryKey: ["dictionaries"],
  queryFn: () => call(api.GET("/api/enrollment/dictionaries")),
  staleTime: 3_600_000,
});

/** The rows of a code table; empty until it was read. */
export function useCodes(table: TableName): { codes: readonly CodeName[]; loading: boolean } {
  const { data, isPending } = useQuery(dictionariesQuery);
  return { codes: (data?.tables[table] as readonly CodeName[] | undefined) ?? [], loading: isPending };
}

/** Names a code: `name("sexes", "1")` → 男. An unknown code stays visible as it is. */
export function useNames(): (table: TableName, code: string | null | undefined) => string {
  const { data } = useQuery(dictionariesQuery);
  return useCallback(
    (table, code) => {
      if (code == null || code === "") return "—";
      const rows = (data?.tables[table] as readonly CodeName[] | undefined) ?? [];
      return rows.find((row) => row.code === code)?.name ?? code;
    },
    [data],
  );
}
