/** 参保人员信息: one person of the unit in three modules, 基础信息, 联系信息, 参保信息. */
import { useQuery } from "@tanstack/react-query";
import { Descriptions, Drawer, Skeleton, Table, Tabs, type DescriptionsProps } from "antd";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { RosterDetail, RosterRow } from "@/api/types";
import { useNames } from "@/fields/dictionaries";
import { orNothing, placeOf, showDate, showMoney, showMonth } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";
import { Revealed } from "@/patterns/Revealed";

import { StatusBadge } from "./whom";

interface Props {
  person: RosterRow | undefined;
  onClose: () => void;
}

export function PersonDrawer({ person, onClose }: Props) {
  return (
    <Drawer
      open={person !== undefined}
      onClose={onClose}
      size="min(760px, 100vw)"
      title={`参保人员信息${person ? `：${person.name}` : ""}`}
      destroyOnHidden
    >
      {person && <Person id={person.person_id} />}
    </Drawer>
  );
}

function Person({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["person", id],
    queryFn: () => call(api.GET("/api/enrollment/roster/{person_id}", { params: { path: { person_id: id } } })),
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  if (!data) return <Skeleton active />;
  return (
    <Tabs
      items={[
        { key: "basic", label: "基础信息", children: <Basic basic={data.basic} /> },
        { key: "contact", label: "联系信息", children: <Contact id={id} contact={data.contact} /> },
        { key: "coverage", label: "参保信息", children: <Coverage spell={data.spell} rows={data.coverage} /> },
      ]}
    />
  );
}

/** The full number, for once: not through the query cache, which would keep it. */
async function disclose(id: string, field: "id_number" | "mobile"): Promise<string | null | undefined> {
  const path = { params: { path: { person_id: id } }, body: { fields: [field] } };
  return (await call(api.POST("/api/enrollment/roster/{person_id}/disclosures", path)))[field];
}

function Sheet({ items }: { items: NonNullable<DescriptionsProps["items"]> }) {
  return <Descriptions bordered size="small" column={{ xs: 1, sm: 2 }} items={items} />;
}

function Basic({ basic }: { basic: RosterDetail["basic"] }) {
  const name = useNames();
  const number = <Revealed label="证件号码" masked={basic.id_number_masked} disclose={() => disclose(basic.person_id, "id_number")} />;
  return (
    <Sheet
      items={[
        { key: "name", label: "姓名", children: basic.name },
        { key: "sex", label: "性别", children: name("sexes", basic.sex) },
        { key: "type", label: "证件类型", children: name("id_types", basic.id_type) },
        { key: "number", label: "证件号码", children: number },
        { key: "birth", label: "出生日期", children: showDate(basic.birth_date) },
        { key: "nation", label: "民族", children: name("nationalities", basic.nationality) },
        { key: "household", label: "户口性质", children: name("household_kinds", basic.household_kind) },
        { key: "marital", label: "婚姻状况", children: name("marital_statuses", basic.marital_status) },
        { key: "education", label: "学历", children: name("education_levels", basic.education_level) },
        { key: "work", label: "参加工作日期", children: showDate(basic.work_start_date) },
        {
          key: "home",
          label: "户籍地址",
          span: "filled",
          children: placeOf(name("regions", basic.household_region), basic.household_address),
        },
      ]}
    />
  );
}

function Contact({ id, contact }: { id: string; contact: RosterDetail["contact"] }) {
  return (
    <Sheet
      items={[
        {
          key: "mobile",
          label: "手机号码",
          children: <Revealed label="手机号码" masked={contact.mobile_masked} disclose={() => disclose(id, "mobile")} />,
        },
        { key: "landline", label: "固定电话", children: orNothing(contact.landline) },
        { key: "email", label: "电子邮箱", children: orNothing(contact.email) },
        { key: "postal", label: "邮政编码", children: orNothing(contact.postal_code) },
        { key: "address", label: "联系地址", span: "filled", children: orNothing(contact.contact_address) },
      ]}
    />
  );
}

function Coverage({ spell, rows }: { spell: RosterDetail["spell"]; rows: RosterDetail["coverage"] }) {
  const name = useNames();
  return (
    <>
      <Sheet
        items={[
          { key: "status", label: "参保状态", children: <StatusBadge status={spell.status} /> },
          { key: "category", label: "人员类别", children: name("person_categories", spell.person_category) },
          { key: "start", label: "参保起始月", children: showMonth(spell.start_month) },
          { key: "wage", label: "月缴费工资", children: `${showMoney(spell.monthly_wage)} 元` },
          { key: "stop", label: "停保月份", children: showMonth(spell.stop_month) },
          { key: "reason", label: "停保原因", children: orNothing(name("removal_reasons", spell.stop_reason)) },
          {
            key: "insurances",
            label: "险种类型",
            span: "filled",
            children: spell.insurances.map((code) => name("insurance_types", code)).join("、"),
          },
        ]}
      />
      <h3>参保记录</h3>
      <Table
        size="small"
        rowKey={(row) => row.insurance + row.start_month + (row.started_by ?? "")}
        pagination={false}
        dataSource={rows}
        scroll={{ x: "max-content" }}
        columns={[
          { title: "险种类型", key: "insurance", render: (_, row) => name("insurance_types", row.insurance) },
          { title: "起始月", dataIndex: "start_month", render: showMonth },
          { title: "停保月份", dataIndex: "stop_month", render: showMonth },
          { title: "状态", dataIndex: "status", render: (status: string) => <StatusBadge status={status} /> },
          { title: "停保原因", dataIndex: "stop_reason", render: (code: string | null) => orNothing(name("removal_reasons", code)) },
          { title: "月缴费工资", dataIndex: "monthly_wage", align: "right", render: showMoney },
          { title: "参保申报流水号", dataIndex: "started_by", render: (no: string | null) => no ?? "原有记录转入" },
          { title: "停保申报流水号", dataIndex: "stopped_by", render: orNothing },
        ]}
      />
    </>
  );
}
