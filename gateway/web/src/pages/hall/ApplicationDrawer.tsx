/** 详情 of one application, with 撤销 while it is pending. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Descriptions, Drawer, Popconfirm, Skeleton } from "antd";

import { api, call, callWithHeaders } from "@/api/client";
import { asProblem } from "@/api/problem";
import { orNothing, showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";

import { KINDS, StateTag } from "./applicationColumns";
import { ApplicationFacts } from "./ApplicationFacts";

interface Props {
  no: string | undefined;
  onClose: () => void;
}

export function ApplicationDrawer({ no, onClose }: Props) {
  return (
    <Drawer open={no !== undefined} onClose={onClose} size={760} title="申报详情" destroyOnHidden>
      {no !== undefined && <Detail no={no} onClose={onClose} />}
    </Drawer>
  );
}

function Detail({ no, onClose }: { no: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["application", no],
    queryFn: () => callWithHeaders(api.GET("/api/enrollment/applications/{no}", { params: { path: { no } } })),
    staleTime: 0,
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  if (!data) return <Skeleton active />;
  const application = data.data;
  return (
    <>
      <Descriptions
        bordered
        size="small"
        column={2}
        items={[
          { key: "no", label: "申报流水号", children: <span className="figures">{application.no}</span> },
          { key: "status", label: "状态", children: <StateTag status={application.status} /> },
          { key: "kind", label: "业务类型", children: KINDS[application.kind] ?? application.kind },
          { key: "submitted", label: "提交时间", children: showMoment(application.submitted_at) },
          ...(application.status === "pending"
            ? []
            : [
                { key: "decided", label: application.status === "withdrawn" ? "撤销时间" : "审核时间", children: showMoment(application.decided_at) },
                { key: "by", label: "审核人", children: orNothing(application.decided_by_name) },
                { key: "reason", label: "审核意见", span: 2, children: orNothing(application.decision_reason) },
              ]),
        ]}
      />
      <ApplicationFacts application={application} />
      {application.status === "pending" && <Withdrawal no={no} etag={data.headers.get("etag") ?? ""} onDone={onClose} />}
    </>
  );
}

function Withdrawal({ no, etag, onDone }: { no: string; etag: string; onDone: () => void }) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const withdraw = useMutation({
    mutationFn: () =>
      call(api.POST("/api/enrollment/applications/{no}/withdrawal", { params: { path: { no } }, headers: { "If-Match": etag } })),
    onSuccess: () => {
      message.success("已撤销");
      onDone();
    },
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["applications"] });
      void queries.invalidateQueries({ queryKey: ["application", no] });
    },
  });
  return (
    <>
      {withdraw.error && <ProblemNote problem={asProblem(withdraw.error)} />}
      <Popconfirm
        title="撤销这件申报？"
        description="撤销后不再审核，如需办理请重新申报。"
        okText="撤销"
        cancelText="取消"
        onConfirm={() => withdraw.mutate()}
      >
        <Button danger loading={whileBusy(withdraw.isPending)}>撤销申报</Button>
      </Popconfirm>
    </>
  );
}
