/** 审计查询: who did what, when, to which business; every log can be recomputed. */
import { Button, DatePicker, Descriptions, Drawer, Form, Input, Select, Tag } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";

import type { AuditSearch } from "@/api/types";
import { orNothing, showMoment } from "@/fields/format";
import { LookupPage } from "@/patterns/LookupPage";
import { KIND_NAMES } from "@/session/session";

import { findActor, searchAudit, SERVICE_NAMES, type MergedEntry } from "./audit";
import { ACTIONS, actionName, GROUPS } from "./auditActions";
import { SERVICES, type ServiceName } from "./auditMerge";
import { VerifyDialog } from "./VerifyDialog";

interface Conditions {
  span?: [Dayjs, Dayjs];
  username?: string;
  action?: string;
  subject?: string;
  chain?: string;
  service?: ServiceName;
}

const LONGEST_DAYS = 93;
const usual = (): [Dayjs, Dayjs] => [dayjs().subtract(6, "day").startOf("day"), dayjs().endOf("day")];

export default function AuditPage() {
  const [shown, setShown] = useState<MergedEntry>();
  const [verifying, setVerifying] = useState<string>();
  return (
    <>
      <LookupPage<Conditions, MergedEntry>
        title="审计查询"
        hint="谁在何时对哪笔业务做了什么。记录只增不改，每条都与前一条相扣，可随时校验；本页的查询同样记入审计。"
        queryKey="audit"
        initial={{ span: usual() }}
        rowKey={(entry) => entry.id}
        emptyText="没有符合条件的记录"
        refuse={({ span }) =>
          span && span[1].diff(span[0], "day") >= LONGEST_DAYS ? `一次最多查询 ${LONGEST_DAYS} 天` : undefined
        }
        extra={<Button onClick={() => setVerifying("")}>校验审计链</Button>}
        search={async (conditions, _page, size, after) => {
          const asked = await asSearch(conditions);
          if (asked === undefined) return { items: [], total: 0, next: null };
          return searchAudit(asked, conditions.service ? [conditions.service] : SERVICES, size, after);
        }}
        conditions={
          <>
            <Form.Item name="span" label="日期">
              <DatePicker.RangePicker allowClear={false} />
            </Form.Item>
            <Form.Item name="username" label="操作人用户名">
              <Input allowClear maxLength={32} autoComplete="off" />
            </Form.Item>
            <Form.Item name="action" label="事项">
              <Select allowClear placeholder="全部" showSearch={{ optionFilterProp: "label" }} options={OPTIONS} popupMatchSelectWidth={false} />
            </Form.Item>
            <Form.Item name="subject" label="业务编号">
              <Input allowClear maxLength={100} autoComplete="off" placeholder="申报流水号、批次等" />
            </Form.Item>
            <Form.Item name="chain" label="单位编号">
              <Input allowClear maxLength={20} autoComplete="off" />
            </Form.Item>
            <Form.Item name="service" label="系统">
              <Select allowClear placeholder="全部" options={SERVICES.map((value) => ({ value, label: SERVICE_NAMES[value] }))} />
            </Form.Item>
          </>
        }
        columns={[
          { title: "时间", dataIndex: "at", render: showMoment },
          { title: "操作人", key: "actor", render: (_, entry) => <Actor entry={entry} /> },
          { title: "事项", dataIndex: "action", render: actionName },
          { title: "业务编号", dataIndex: "subject", ellipsis: true, width: 220 },
          { title: "单位", dataIndex: "chain", render: chainName },
          { title: "方式", dataIndex: "via", render: (via: string) => VIA[via] ?? via },
          { title: "系统", dataIndex: "service", render: (service: ServiceName) => <Tag>{SERVICE_NAMES[service]}</Tag> },
          {
            title: "操作",
            key: "open",
            fixed: "right",
            render: (_, entry) => <Button type="link" size="small" onClick={() => setShown(entry)}>详情</Button>,
          },
        ]}
      />
      <Drawer open={shown !== undefined} onClose={() => setShown(undefined)} size="min(720px, 100vw)" title="审计记录" destroyOnHidden>
        {shown && <Entry entry={shown} onVerify={() => setVerifying(shown.chain)} />}
      </Drawer>
      <VerifyDialog key={verifying ?? "closed"} chain={verifying} onClose={() => setVerifying(undefined)} />
    </>
  );
}

const VIA: Readonly<Record<string, string>> = { session: "网页", api_key: "接口", delegation: "报表", system: "系统" };
const OPTIONS = [
  ...Object.entries(GROUPS).map(([value, label]) => ({ value, label: `全部${label}` })),
  ...Object.entries(ACTIONS).map(([value, label]) => ({ value, label })),
];

const chainName = (chain: string): string => (chain === "agency" ? "经办机构" : chain.startsWith("account:") ? "个人账号" : chain);

/** The conditions as the logs take them; undefined when nobody has that username, so that nothing can be found. */
async function asSearch({ span, username, action, subject, chain }: Conditions): Promise<AuditSearch | undefined> {
  const who = username?.trim() ? await findActor(username.trim()) : undefined;
  if (username?.trim() && who === undefined) return undefined;
  return {
    limit: 20,
    ...(span && { since: span[0].startOf("day").toISOString(), until: span[1].endOf("day").toISOString() }),
    ...(who && { actor_id: who.account_id }),
    ...(action && { action }),
    ...(subject?.trim() && { subject: subject.trim() }),
    ...(chain?.trim() && { chain: chain.trim() }),
  };
}

function Actor({ entry: { actor, actor_kind, actor_id } }: { entry: MergedEntry }) {
  if (actor_id === null) return <>系统</>;
  const kind = KIND_NAMES[actor_kind] ?? actor_kind;
  return <>{actor ? (actor.display_name ?? actor.username) : `…${actor_id.slice(-6)}`}（{kind}）</>;
}

function Entry({ entry, onVerify }: { entry: MergedEntry; onVerify: () => void }) {
  return (
    <>
      <Descriptions
        bordered
        column={1}
        size="small"
        styles={{ label: { width: 120 } }}
        items={[
          { key: "at", label: "时间", children: dayjs(entry.at).format("YYYY-MM-DD HH:mm:ss.SSS") },
          { key: "who", label: "操作人", children: <Actor entry={entry} /> },
          { key: "username", label: "用户名", children: orNothing(entry.actor?.username) },
          { key: "action", label: "操作", children: `${actionName(entry.action)}（${entry.action}）` },
          { key: "subject", label: "业务编号", children: <span className="figures">{entry.subject}</span> },
          { key: "chain", label: "审计链", children: `${entry.chain} 第 ${entry.position} 条` },
          { key: "via", label: "方式", children: VIA[entry.via] ?? entry.via },
          ...Object.entries(entry.facts).map(([name, value]) => ({
            key: `fact-${name}`,
            label: name,
            children: typeof value === "object" && value !== null ? JSON.stringify(value) : orNothing(String(value)),
          })),
          { key: "trace", label: "跟踪号", children: orNothing(entry.trace_id) },
        ]}
      />
      <div className="modal-actions"><Button onClick={onVerify}>校验这条链</Button></div>
    </>
  );
}
