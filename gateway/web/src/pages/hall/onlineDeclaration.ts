/** Whether the unit may declare online, and for which months: the business month is the first. */
import { queryOptions } from "@tanstack/react-query";

import { api, call } from "@/api/client";

export const onlineDeclarationQuery = queryOptions({
  queryKey: ["online-declaration"],
  queryFn: () => call(api.GET("/api/enrollment/online-declaration")),
  staleTime: 300_000,
});
