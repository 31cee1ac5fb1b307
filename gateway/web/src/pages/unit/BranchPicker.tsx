/** Choosing a branch: bank class from a list, 查询 by short name, tick one, 确定. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Empty, Form, Input, Modal, Select, Table } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Row } from "@/api/types";
import { useFormName } from "@/patterns/formName";
import { ProblemNote } from "@/patterns/ProblemNote";

import { useBankClasses } from "./banks";
import styles from "./unit.module.css";

export type Branch = Row<"/api/employer/bank-branches", "get">;

interface Asked {
  bank_class?: string;
  q?: string;
}

const PAGE_SIZE = 8;

export function BranchPicker({ onPick, onClose }: { onPick: (branch: Branch) => void; onClose: () => void }) {
  const formName = useFormName();
  const [asked, setAsked] = useState<Asked>();
  const [page, setPage] = useState(1);
  const [picked, setPicked] = useState<Branch>();
  const { options, loading } = useBankClasses();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["bank-branches", asked, page],
    queryFn: () => call(api.GET("/api/employer/bank-branches", { params: { query: { ...asked, page, page_size: PAGE_SIZE } } })),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
  });
  const ask = ({ bank_class, q }: Asked) => {
    setPage(1);
    setPicked(undefined);
    setAsked({ ...(bank_class && { bank_class }), ...(q?.trim() && { q: q.trim() }) });
  };
  return (
    <Modal
      open
      title="选择开户行"
      width={760}
      onCancel={onClose}
      mask={{ closable: false }}
      footer={[
        <Button key="cancel" onClick={onClose}>取消</Button>,
        <Button key="pick" type="primary" disabled={picked === undefined} onClick={() => picked && onPick(picked)}>确定</Button>,
      ]}
    >
      <Form<Asked> name={formName} layout="inline" className={styles.pickerConditions ?? ""} onFinish={ask}>
        <Form.Item name="bank_class" label="银行大类" rules={[{ required: true, message: "请选择银行大类" }]}>
          <Select showSearch={{ optionFilterProp: "label" }} loading={loading} options={options} placeholder="请选择" style={{ width: 250 }} />
        </Form.Item>
        <Form.Item name="q" label="网点简称">
          <Input allowClear maxLength={60} autoComplete="off" placeholder="如 鄞州 中河" />
        </Form.Item>
        <Button type="primary" htmlType="submit">查询</Button>
      </Form>
      {error && <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />}
      <Table<Branch>
        size="small"
        rowKey={(branch) => branch.code}
        dataSource={asked === undefined ? [] : (data?.items ?? [])}
        loading={isFetching && data === undefined}
        rowSelection={{
          type: "radio",
          selectedRowKeys: picked ? [picked.code] : [],
          onChange: (_, [row]) => setPicked(row),
          getCheckboxProps: (branch) => ({ "aria-label": `选择${branch.short_name}` }),
        }}
        onRow={(branch) => ({ onClick: () => setPicked(branch), onDoubleClick: () => onPick(branch) })}
        locale={{
          emptyText: (
            <Empty
              image={Empty.PRESENTED_IMAGE_SIMPLE}
              description={asked === undefined ? "请选择银行大类后点击“查询”" : "没有这样的网点，请换个简称；仍没有请联系经办机构"}
            />
          ),
        }}
        columns={[
          { title: "网点简称", dataIndex: "short_name" },
          { title: "网点名称", dataIndex: "name" },
          { title: "联行号", dataIndex: "code", className: "figures" },
        ]}
        pagination={{ current: page, pageSize: PAGE_SIZE, total: data?.total ?? 0, showSizeChanger: false, hideOnSinglePage: true, onChange: setPage }}
      />
    </Modal>
  );
}
