/** Ways in through identity providers; nothing at all where the hall has none. */
import { BankOutlined, IdcardOutlined, SolutionOutlined } from "@ant-design/icons";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Alert, Button, Divider } from "antd";
import type { ReactNode } from "react";

import { api, call } from "@/api/client";
import type { Answer } from "@/api/types";

import styles from "./Sso.module.css";

export type Provider = Answer<"/api/identity/sso/providers", "get">["items"][number];
export type SsoMode = Provider["modes"][number];

const providersQuery = queryOptions({
  queryKey: ["sso", "providers"],
  queryFn: () => call(api.GET("/api/identity/sso/providers"), { quiet: true }),
  staleTime: 60_000,
});

const ICONS: Readonly<Record<Provider["kind"], ReactNode>> = {
  zj_person: <SolutionOutlined />,
  zj_legal: <BankOutlined />,
  oidc: <IdcardOutlined />,
};

/** Where the browser goes to sign in elsewhere. A page to come back to is all it carries. */
export function departure(provider: Provider, mode: SsoMode, returnTo?: string): string {
  const query = new URLSearchParams({ mode, ...(returnTo === undefined ? {} : { return_to: returnTo }) });
  return `/api/identity/sso/${provider.key}/start?${query.toString()}`;
}

export function SsoButtons({ mode, returnTo }: { mode: SsoMode; returnTo?: string | undefined }) {
  const { data } = useQuery(providersQuery);
  const offered = data?.items.filter((provider) => provider.modes.includes(mode)) ?? [];
  if (offered.length === 0) return null;
  return (
    <nav className={styles.ways} aria-label="其他登录方式">
      <Divider plain>其他登录方式</Divider>
      {offered.map((provider) => (
        <Button key={provider.key} block size="large" icon={ICONS[provider.kind]} href={departure(provider, mode, returnTo)}>
          {provider.title}
        </Button>
      ))}
    </nav>
  );
}

/** On a shared computer it is not enough to leave the hall: the provider would let the next visitor straight in again. */
export function SsoFarewell() {
  const { data } = useQuery(providersQuery);
  const from = data?.came_from;
  if (!from) return null;
  return (
    <Alert
      className={styles.farewell}
      type="info"
      showIcon
      title={`本浏览器曾通过“${from.title}”登录`}
      description="如在公用电脑上使用，请同时退出该平台。"
      action={<Button size="small" href={`/api/identity/sso/${from.key}/logout`}>退出该平台</Button>}
    />
  );
}
