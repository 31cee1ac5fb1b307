/** 银行名录: the branches that employers choose from, and bringing them in as a file. */
import { Badge, Button, Form, Input, Select } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { Row } from "@/api/types";
import { useBankClasses } from "@/pages/unit/banks";
import { LookupPage } from "@/patterns/LookupPage";

import { BankImport } from "./BankImport";

type Branch = Row<"/api/employer/bank-branches", "get">;

interface Asked {
  bank_class?: string;
  q?: string;
}

export default function BankDirectoryPage() {
  const { options, loading } = useBankClasses();
  const [importing, setImporting] = useState(false);
  return (
    <>
      <LookupPage<Asked, Branch>
        title="银行名录"
        hint="单位登记银行账户时可选的开户网点。导入文件只新增和更新，不删除；不再使用的网点在文件中填“停用”。"
        extra={<Button type="primary" onClick={() => setImporting(true)}>导入名录</Button>}
        queryKey="bank-directory"
        searchAtOnce
        rowKey={(row) => row.code}
        search={({ bank_class, q }, page, page_size) => {
          const query = { page, page_size, ...(bank_class && { bank_class }), ...(q?.trim() && { q: q.trim() }) };
          return call(api.GET("/api/employer/bank-branches", { params: { query } }));
        }}
        emptyText="没有符合条件的网点"
        conditions={
          <>
            <Form.Item name="bank_class" label="银行大类">
              <Select allowClear showSearch={{ optionFilterProp: "label" }} loading={loading} options={options} placeholder="全部" style={{ width: 240 }} />
            </Form.Item>
            <Form.Item name="q" label="网点">
              <Input allowClear placeholder="网点简称中的字，或联行号" maxLength={60} autoComplete="off" />
            </Form.Item>
          </>
        }
        columns={[
          { title: "联行号", dataIndex: "code", className: "figures" },
          { title: "银行大类", dataIndex: "bank_class_name" },
          { title: "网点简称", dataIndex: "short_name" },
          { title: "网点名称", dataIndex: "name" },
          {
            title: "状态",
            dataIndex: "status",
            render: (status: string) => (status === "open" ? <Badge status="success" text="启用" /> : <Badge status="default" text="停用" />),
          },
        ]}
      />
      <BankImport open={importing} onClose={() => setImporting(false)} />
    </>
  );
}
