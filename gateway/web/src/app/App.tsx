/** Providers around all pages: language, theme, content security nonce, queries, routes. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import zhCN from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { BrowserRouter } from "react-router";

import { asProblem } from "@/api/problem";
import { SessionSignals } from "@/session/SessionSignals";
import { StepUp } from "@/session/stepUp";

import { AppRoutes } from "./AppRoutes";
import { nonce } from "./nonce";
import { theme } from "./theme";

dayjs.locale("zh-cn");

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (count, thrown) => count < 1 && !asProblem(thrown).refused && asProblem(thrown).code !== "page_fault",
    },
    mutations: { retry: false },
  },
});

export function App() {
  return (
    <ConfigProvider locale={zhCN} theme={theme} csp={{ nonce }} button={{ autoInsertSpace: false }}>
      <AntApp notification={{ placement: "topRight" }}>
        <QueryClientProvider client={queries}>
          <BrowserRouter>
            <SessionSignals />
            <StepUp />
            <AppRoutes />
          </BrowserRouter>
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
