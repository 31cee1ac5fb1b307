/** 单位管理: the register of insured units. */
import { Badge, Form, Input, Tag } from "antd";

import { api, call } from "@/api/client";
import type { Row } from "@/api/types";
import { LookupPage } from "@/patterns/LookupPage";

type Employer = Row<"/api/employer/employers", "get">;

export default function EmployersPage() {
  return (
    <LookupPage<{ q?: string }, Employer>
      title="单位管理"
      hint="在本统筹区参保登记的单位。"
      queryKey="employers"
      searchAtOnce
      rowKey={(row) => row.employer_no}
      search={({ q }, page, page_size) =>
        call(api.GET("/api/employer/employers", { params: { query: { page, page_size, ...(q?.trim() && { q: q.trim() }) } } }))
      }
      conditions={
        <Form.Item name="q" label="单位">
          <Input allowClear placeholder="单位名称、编号或信用代码" maxLength={100} autoComplete="off" />
        </Form.Item>
      }
      columns={[
        { title: "单位编号", dataIndex: "employer_no" },
        { title: "单位名称", dataIndex: "name" },
        { title: "统一社会信用代码", dataIndex: "uscc" },
        { title: "单位类型", dataIndex: "kind_name" },
        { title: "网上申报", dataIndex: "online_declaration", render: (on: boolean) => (on ? <Tag color="success">已开通</Tag> : <Tag>未开通</Tag>) },
        { title: "虚拟单位", dataIndex: "virtual", render: (virtual: boolean) => (virtual ? "是" : "否") },
        {
          title: "状态",
          dataIndex: "status",
          render: (status: string) => (status === "open" ? <Badge status="success" text="在保" /> : <Badge status="default" text="已注销" />),
        },
      ]}
    />
  );
}
