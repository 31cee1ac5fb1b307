/** 审计查询 over all services: each keeps its own log, the page merges them by time. */
import { api, call } from "@/api/client";
import { Problem } from "@/api/problem";
import type { Answer, AuditEntry, AuditSearch, AuditVerification } from "@/api/types";

import { merged, SERVICES, type Page, type Places, type ServiceName } from "./auditMerge";

export const SERVICE_NAMES: Readonly<Record<ServiceName, string>> = {
  identity: "账号服务",
  enrollment: "参保登记服务",
  employer: "单位服务",
  reporting: "报表服务",
};

export type Actor = Answer<"/api/identity/actors/searches", "post">[number];
export interface MergedEntry extends AuditEntry {
  readonly service: ServiceName;
  readonly actor: Actor | undefined;
}
const searchOf: Readonly<Record<ServiceName, (body: AuditSearch) => Promise<Page>>> = {
  identity: (body) => call(api.POST("/api/identity/audit/searches", { body })),
  enrollment: (body) => call(api.POST("/api/enrollment/audit/searches", { body })),
  employer: (body) => call(api.POST("/api/employer/audit/searches", { body })),
  reporting: (body) => call(api.POST("/api/reporting/audit/searches", { body })),
};

const verifyOf: Readonly<Record<ServiceName, (chain: string) => Promise<AuditVerification>>> = {
  identity: (chain) => call(api.POST("/api/identity/audit/verifications", { body: { chain } })),
  enrollment: (chain) => call(api.POST("/api/enrollment/audit/verifications", { body: { chain } })),
  employer: (chain) => call(api.POST("/api/employer/audit/verifications", { body: { chain } })),
  reporting: (chain) => call(api.POST("/api/reporting/audit/verifications", { body: { chain } })),
};

/** One page of the merged log. `after` is what the page before gave as `next`. */
export async function searchAudit(conditions: Omit<AuditSearch, "after" | "limit">, services: readonly ServiceName[], size: number, after?: string) {
  const before = after === undefined ? {} : (JSON.parse(after) as Places);
  const asked = services.filter((service) => before[service] !== null);
  const pages = await Promise.all(
    asked.map(async (service) => {
      const place = before[service];
      return [service, await searchOf[service]({ ...conditions, limit: size, ...(place && { after: place }) })] as const;
    }),
  );
  const { items, next } = merged(new Map(pages), before, size);
  const named = await withActors(items);
  // Nobody counts an audit log: there is more, or there isn't.
  return {
    items: named,
    total: after === undefined ? named.length : null,
    more_than_total: after === undefined ? next !== null : null,
    next: next && JSON.stringify(next),
  };
}

async function withActors(items: (AuditEntry & { service: ServiceName })[]): Promise<MergedEntry[]> {
  const ids = [...new Set(items.map((entry) => entry.actor_id).filter((id) => id !== null))];
  const found = ids.length > 0 ? await call(api.POST("/api/identity/actors/searches", { body: { ids } })) : [];
  const known = new Map(found.map((actor) => [actor.account_id, actor]));
  return items.map((entry) => ({ ...entry, actor: entry.actor_id === null ? undefined : known.get(entry.actor_id) }));
}

/** The account of a username; undefined when there is none. */
export async function findActor(username: string): Promise<Actor | undefined> {
  return (await call(api.POST("/api/identity/actors/searches", { body: { username } })))[0];
}

export type Verdict = { service: ServiceName } & ({ found: AuditVerification; problem?: undefined } | { found?: undefined; problem: Problem });

/** A chain recomputed in every service that has one of this name. */
export function verifyEverywhere(chain: string): Promise<Verdict[]> {
  return Promise.all(
    SERVICES.map(async (service): Promise<Verdict> => {
      try {
        return { service, found: await verifyOf[service](chain) };
      } catch (thrown) {
        if (thrown instanceof Problem) return { service, problem: thrown };
        throw thrown;
      }
    }),
  );
}
