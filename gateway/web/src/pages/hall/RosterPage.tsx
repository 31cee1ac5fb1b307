/** 单位参保人员名单: the unit's people, with detail in three modules. */
import { useQuery } from "@tanstack/react-query";
import { Badge, Button, Descriptions, Drawer, Form, Input, Skeleton, Table, Tabs } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { RosterDetail, RosterRow } from "@/api/types";
import { CodeSelect } from "@/fields/CodeSelect";
import { useNames } from "@/fields/dictionaries";
import { orNothing, placeOf, showMoney, showMonth } from "@/fields/format";
import { IdentifierInput } from "@/fields/IdentifierInput";
import { LookupPage } from "@/patterns/LookupPage";
import { ProblemNote } from "@/patterns/ProblemNote";

import { findPeople, type PeopleConditions } from "./people";

export default function RosterPage() {
  const name = useNames();
  const [shown, setShown] = useState<RosterRow>();
  return (
    <>
      <LookupPage<PeopleConditions, RosterRow>
        title="单位参保人员名单"
        hint="本单位的参保人员与参保关系。"
        queryKey="roster"
        searchAtOnce
        emptyText="没有符合条件的参保人员"
        rowKey={(row) => row.person_id}
        search={findPeople}
        conditions={
          <>
            <Form.Item name="id_number" label="证件号码">
              <IdentifierInput allowClear />
            </Form.Item>
            <Form.Item name="name" label="姓名">
              <Input allowClear maxLength={50} autoComplete="off" />
            </Form.Item>
            <Form.Item name="status" label="参保状态">
              <CodeSelect table="coverage_statuses" allowClear placeholder="全部" popupMatchSelectWidth={140} />
            </Form.Item>
          </>
        }
        columns={[
          { title: "姓名", dataIndex: "name" },
          { title: "证件号码", dataIndex: "id_number_masked" },
          { title: "性别", dataIndex: "sex", render: (sex: string) => name("sexes", sex) },
          { title: "参保起始月", dataIndex: "start_month", render: showMonth },
          { title: "月缴费工资（元）", dataIndex: "monthly_wage", align: "right", render: showMoney },
          {
            title: "险种类型",
            dataIndex: "insurances",
            width: 240,
            ellipsis: true,
            render: (codes: readonly string[]) => codes.map((code) => name("insurance_types", code)).join("、"),
          },
          {
            title: "参保状态",
            dataIndex: "status",
            render: (status: string) => <Badge status={status === "1" ? "success" : "default"} text={name("coverage_statuses", status)} />,
          },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) => <Button type="link" size="small" onClick={() => setShown(row)}>详情</Button>,
          },
        ]}
      />
      <Drawer open={shown !== undefined} onClose={() => setShown(undefined)} size={720} title={`参保人员信息${shown ? `：${shown.name}` : ""}`} destroyOnHidden>
        {shown && <Person id={shown.person_id} />}
      </Drawer>
    </>
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
        { key: "contact", label: "联系信息", children: <Contact contact={data.contact} /> },
        { key: "coverage", label: "参保信息", children: <Coverage rows={data.coverage} /> },
      ]}
    />
  );
}

function Basic({ basic }: { basic: RosterDetail["basic"] }) {
  const name = useNames();
  return (
    <Descriptions
      bordered
      size="small"
      column={2}
      items={[
        { key: "name", label: "姓名", children: basic.name },
        { key: "type", label: "证件类型", children: name("id_types", basic.id_type) },
        { key: "number", label: "证件号码", children: <span className="figures">{basic.id_number_masked}</span> },
        { key: "sex", label: "性别", children: name("sexes", basic.sex) },
        { key: "birth", label: "出生日期", children: orNothing(basic.birth_date) },
        { key: "nation", label: "民族", children: name("nationalities", basic.nationality) },
        { key: "household", label: "户口性质", children: name("household_kinds", basic.household_kind) },
        { key: "marital", label: "婚姻状况", children: name("marital_statuses", basic.marital_status) },
        { key: "education", label: "学历", children: name("education_levels", basic.education_level) },
        { key: "work", label: "参加工作日期", children: orNothing(basic.work_start_date) },
        { key: "home", label: "户籍地址", span: 2, children: placeOf(name("regions", basic.household_region), basic.household_address) },
      ]}
    />
  );
}

function Contact({ contact }: { contact: RosterDetail["contact"] }) {
  return (
    <Descriptions
      bordered
      size="small"
      column={1}
      items={[
        { key: "mobile", label: "手机号码", children: <span className="figures">{orNothing(contact.mobile_masked)}</span> },
        { key: "email", label: "电子邮箱", children: orNothing(contact.email) },
        { key: "address", label: "联系地址", children: orNothing(contact.contact_address) },
        { key: "postal", label: "邮政编码", children: orNothing(contact.postal_code) },
      ]}
    />
  );
}

function Coverage({ rows }: { rows: RosterDetail["coverage"] }) {
  const name = useNames();
  return (
    <Table
      size="small"
      rowKey={(row) => row.insurance + row.start_month}
      pagination={false}
      dataSource={rows}
      scroll={{ x: "max-content" }}
      columns={[
        { title: "险种", key: "insurance", render: (_, row) => name("insurance_types", row.insurance) },
        { title: "起始月", dataIndex: "start_month", render: showMonth },
        { title: "终止月", dataIndex: "stop_month", render: showMonth },
        { title: "状态", dataIndex: "status", render: (status: string) => name("coverage_statuses", status) },
        { title: "人员类别", dataIndex: "person_category", render: (code: string) => name("person_categories", code) },
        { title: "月缴费工资", dataIndex: "monthly_wage", align: "right", render: showMoney },
      ]}
    />
  );
}
