/** 证明管理: an issued document is found by its number or code, and taken back with a reason. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Descriptions, Form, Input, Skeleton, Tag } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { IssuedDocument, Verification } from "@/api/types";
import { orNothing, showDate, showMoment } from "@/fields/format";
import { DialogForm } from "@/patterns/DialogForm";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";
import { factItems } from "@/pages/verify/factItems";

import styles from "./DocumentsPage.module.css";

const find = (reference: string) =>
  call(api.GET("/api/reporting/issued-documents/{reference}", { params: { path: { reference } } }));

export default function DocumentsPage() {
  const [asked, setAsked] = useState<string>();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["issued-document", asked],
    queryFn: () => find(asked ?? ""),
    enabled: asked !== undefined,
    retry: false,
  });
  return (
    <>
      <PageHead title="证明管理" hint="按证明编号或校验码查找已出具的证明。作废后，核验页会显示作废时间与原因，且不能恢复。" />
      <section className={styles.card} aria-label="查询条件">
        <Form<{ reference: string }>
          layout="inline"
          name="issued_document"
          onFinish={({ reference }) => {
            if (reference.trim() === asked) void refetch();
            setAsked(reference.trim());
          }}
        >
          <Form.Item name="reference" label="证明编号或校验码" rules={[{ required: true, whitespace: true, message: "请输入证明编号或校验码" }]}>
            <Input className={styles.reference ?? ""} allowClear maxLength={60} autoComplete="off" />
          </Form.Item>
          <Button type="primary" htmlType="submit">查询</Button>
        </Form>
      </section>
      {asked !== undefined && (
        <section className={styles.card} aria-label="证明" aria-busy={isFetching}>
          {error ? <ProblemNote problem={asProblem(error)} /> : data ? <Issued document={data} /> : <Skeleton active />}
        </section>
      )}
    </>
  );
}

function Issued({ document }: { document: IssuedDocument }) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ reason: string }>();
  const [revoking, setRevoking] = useState(false);
  return (
    <>
      <div className={styles.head}>
        <strong>{document.title}</strong>
        {document.revoked_at ? <Tag color="error">已作废</Tag> : <Tag color="success">有效</Tag>}
        {!document.revoked_at && <Button danger onClick={() => setRevoking(true)}>作废</Button>}
      </div>
      <Descriptions
        bordered
        size="small"
        column={{ xs: 1, lg: 2 }}
        items={[
          { key: "number", label: "证明编号", children: <span className="figures">{document.number}</span> },
          { key: "code", label: "校验码", children: <span className="figures">{document.code}</span> },
          ...factItems(document.facts as Verification["facts"]),
          { key: "issued", label: "出具时间", children: showMoment(document.issued_at) },
          { key: "until", label: "有效期至", children: showDate(document.valid_until) },
          { key: "revoked", label: "作废时间", children: showMoment(document.revoked_at) },
          { key: "reason", label: "作废原因", children: orNothing(document.revoked_reason) },
        ]}
      />
      <DialogForm<{ reason: string }, IssuedDocument>
        open={revoking}
        title="作废证明"
        form={form}
        initial={{}}
        submitLabel="作废"
        onClose={() => setRevoking(false)}
        send={({ reason }) =>
          call(api.POST("/api/reporting/issued-documents/{reference}/revocation", { params: { path: { reference: document.number } }, body: { reason } }))
        }
        onSent={() => {
          setRevoking(false);
          void message.success("证明已作废");
          void queries.invalidateQueries({ queryKey: ["issued-document"] });
        }}
      >
        <Form.Item name="reason" label="作废原因" rules={[{ required: true, whitespace: true, min: 2, message: "请填写作废原因，至少 2 个字" }]}>
          <Input.TextArea rows={3} maxLength={200} showCount placeholder="核验这份证明的人会看到" />
        </Form.Item>
      </DialogForm>
    </>
  );
}
