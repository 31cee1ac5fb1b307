/** The signed-in person's own coverage, asked for once for all pages that show something of it. */
import { useQuery } from "@tanstack/react-query";

import { api, call } from "@/api/client";

export const useOwnCoverage = () =>
  useQuery({ queryKey: ["own-coverage"], queryFn: () => call(api.GET("/api/enrollment/me/coverage")) });
