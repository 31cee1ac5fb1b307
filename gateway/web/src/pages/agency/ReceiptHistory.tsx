/** 到账批次: the files that were uploaded, and what became of them. */
import { Tag } from "antd";

import { api, call } from "@/api/client";
import type { ReceiptImport } from "@/api/types";
import { FileHistory } from "@/pages/hall/FileHistory";

import { bookable, linesOf, RECEIPT_STAGES, underWay } from "./receipts";

export function ReceiptHistory({ onShow }: { onShow: (found: ReceiptImport) => void }) {
  return (
    <FileHistory<ReceiptImport>
      title="到账批次记录"
      emptyText="还没有导入过到账文件"
      queryKey={["receipt-imports"]}
      find={(query) => call(api.GET("/api/employer/receipt-imports", { params: { query } }))}
      underWay={underWay}
      columns={[
        { title: "上传人", dataIndex: "uploaded_by_name" },
        {
          title: "状态",
          dataIndex: "stage",
          render: (stage: ReceiptImport["stage"]) => <Tag color={RECEIPT_STAGES[stage][1]}>{RECEIPT_STAGES[stage][0]}</Tag>,
        },
        { title: "行数", dataIndex: "total", align: "right" },
        { title: "可入账", key: "bookable", align: "right", render: (_, row) => bookable(row) },
        { title: "未匹配", key: "unknown", align: "right", render: (_, row) => linesOf(row, "unknown") },
        { title: "重复", key: "duplicate", align: "right", render: (_, row) => linesOf(row, "duplicate") },
        { title: "有误", key: "faulty", align: "right", render: (_, row) => linesOf(row, "faulty") },
      ]}
      onShow={onShow}
    />
  );
}
