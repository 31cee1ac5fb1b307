/** 批次记录: what the unit uploaded, and what became of it. */
import { Tag } from "antd";

import { api, call } from "@/api/client";
import type { Batch, BatchKind } from "@/api/types";
import { orNothing } from "@/fields/format";

import { STAGES, underWay } from "./batches";
import { FileHistory } from "./FileHistory";

export function BatchHistory({ kind, onShow }: { kind: BatchKind; onShow: (batch: Batch) => void }) {
  return (
    <FileHistory<Batch>
      title="批次记录"
      emptyText="还没有上传过文件"
      queryKey={["batches", kind]}
      find={(query) => call(api.GET("/api/enrollment/batches", { params: { query: { kind, ...query } } }))}
      underWay={underWay}
      columns={[
        {
          title: "状态",
          dataIndex: "stage",
          render: (stage: Batch["stage"]) => <Tag color={STAGES[stage][1]}>{STAGES[stage][0]}</Tag>,
        },
        { title: "总人数", dataIndex: "total", align: "right", render: orNothing },
        { title: "可提交", dataIndex: "good", align: "right", render: orNothing },
        { title: "有误", dataIndex: "bad", align: "right", render: orNothing },
        { title: "已提交", dataIndex: "submitted", align: "right", render: orNothing },
      ]}
      onShow={onShow}
    />
  );
}
