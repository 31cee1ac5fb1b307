/** 单位管理: the register of insured units; opening, closing and reopening them. */
import { PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Badge, Button, Form, Input, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { Employer } from "@/api/types";
import { DialogForm } from "@/patterns/DialogForm";
import { LookupPage } from "@/patterns/LookupPage";

import { OpenEmployerDialog } from "./OpenEmployerDialog";

const KEY = "employers";

export default function EmployersPage() {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [opening, setOpening] = useState(false);
  const [changing, setChanging] = useState<Employer>();
  const refresh = () => void queries.invalidateQueries({ queryKey: [KEY] });
  return (
    <>
      <LookupPage<{ q?: string }, Employer>
        title="单位管理"
        hint="在本统筹区参保登记的单位，包括虚拟单位。"
        queryKey={KEY}
        searchAtOnce
        rowKey={(row) => row.employer_no}
        search={({ q }, page, page_size) =>
          call(api.GET("/api/employer/employers", { params: { query: { page, page_size, ...(q?.trim() && { q: q.trim() }) } } }))
        }
        actions={() => <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setOpening(true)}>单位开户</Button>}
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
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) => (
              <Button type="link" size="small" danger={row.status === "open"} onClick={() => setChanging(row)}>
                {row.status === "open" ? "注销" : "恢复"}
              </Button>
            ),
          },
        ]}
      />
      <OpenEmployerDialog
        open={opening}
        onClose={() => setOpening(false)}
        onOpened={(made) => {
          setOpening(false);
          message.success(`单位 ${made.name} 已开户，法人可凭信用代码和单位名称注册账号。`);
          refresh();
        }}
      />
      <StatusDialog
        employer={changing}
        onClose={() => setChanging(undefined)}
        onChanged={(now) => {
          setChanging(undefined);
          message.success(now.status === "closed" ? `单位 ${now.name} 已注销。` : `单位 ${now.name} 已恢复。`);
          refresh();
        }}
      />
    </>
  );
}

interface StatusProps {
  employer: Employer | undefined;
  onClose: () => void;
  onChanged: (now: Employer) => void;
}

function StatusDialog({ employer, onClose, onChanged }: StatusProps) {
  const [form] = Form.useForm<{ reason: string }>();
  const closing = employer?.status === "open";
  const send = (reason: string): Promise<Employer> => {
    const request = { params: { path: { employer_no: employer?.employer_no ?? "" } }, body: { reason } };
    return call(closing ? api.POST("/api/employer/employers/{employer_no}/closure", request) : api.POST("/api/employer/employers/{employer_no}/reopening", request));
  };
  return (
    <DialogForm<{ reason: string }, Employer>
      title={`${closing ? "注销" : "恢复"}单位${employer ? `：${employer.name}` : ""}`}
      open={employer !== undefined}
      form={form}
      initial={{}}
      send={({ reason }) => send(reason)}
      onSent={onChanged}
      onClose={onClose}
      submitLabel={closing ? "注销" : "恢复"}
    >
      <p>
        {closing
          ? "注销后该单位的账号不能再办理业务，缴费记录保留。单位尚有参保人员时不能注销。"
          : "恢复后该单位的法人和经办人可以继续办理业务。"}
      </p>
      <Form.Item name="reason" label="原因" rules={[{ required: true, whitespace: true, message: "请填写原因" }]}>
        <Input.TextArea maxLength={200} showCount rows={3} />
      </Form.Item>
    </DialogForm>
  );
}
