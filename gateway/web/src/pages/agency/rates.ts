/** What the pages of rates and of kinds of employer read. */
import { queryOptions } from "@tanstack/react-query";

import { api, call } from "@/api/client";

export const ratesQuery = queryOptions({ queryKey: ["rates"], queryFn: () => call(api.GET("/api/employer/rates")) });
export const kindsQuery = queryOptions({ queryKey: ["employer-kinds"], queryFn: () => call(api.GET("/api/employer/employer-kinds")) });
