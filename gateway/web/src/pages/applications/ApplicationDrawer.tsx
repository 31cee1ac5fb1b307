/** 详情 of one application, with 撤销 while it is pending. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Descriptions, Drawer, Popconfirm, Skeleton, type DescriptionsProps } from "antd";

import { api, call, callWithHeaders } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ApplicationDetail } from "@/api/types";
import { orNothing, showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";
import { sessionQuery } from "@/session/session";

import { KINDS, StateTag, subjectOf } from "./applicationColumns";
import { DeclaredFacts } from "./DeclaredFacts";
import { EffectList } from "./EffectList";
import { Findings } from "./Findings";

interface Props {
  no: string | undefined;
  onClose: () => void;
}

export function ApplicationDrawer({ no, onClose }: Props) {
  return (
    <Drawer open={no !== undefined} onClose={onClose} size="min(820px, 100vw)" title="申报详情" destroyOnHidden>
      {no !== undefined && <Detail no={no} onClose={onClose} />}
    </Drawer>
  );
}

function Detail({ no, onClose }: { no: string; onClose: () => void }) {
  const session = useQuery(sessionQuery).data;
  const { data, error, refetch } = useQuery({
    queryKey: ["application", no],
    queryFn: () => callWithHeaders(api.GET("/api/enrollment/applications/{no}", { params: { path: { no } } })),
    staleTime: 0,
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  if (!data) return <Skeleton active />;
  const application = data.data;
  const needed = application.kind === "employer_change" ? "maintain" : "declare";
  return (
    <>
      <Descriptions
        bordered
        size="small"
        column={{ xs: 1, sm: 2 }}
        items={[
          { key: "no", label: "申报流水号", children: <span className="figures">{application.no}</span> },
          { key: "status", label: "状态", children: <StateTag status={application.status} automatic={application.decided_automatically} /> },
          { key: "kind", label: "业务类型", children: KINDS[application.kind] ?? application.kind },
          { key: "subject", label: "姓名/单位名称", children: subjectOf(application) },
          { key: "submitted", label: "提交时间", children: showMoment(application.submitted_at) },
          ...outcomeOf(application),
        ]}
      />
      <EffectList effect={application.effect} />
      <Findings findings={application.findings} />
      <DeclaredFacts application={application} />
      {application.status === "pending" && session?.permissions.includes(needed) && (
        <Withdrawal no={no} etag={data.headers.get("etag") ?? ""} onDone={onClose} />
      )}
    </>
  );
}

function outcomeOf(application: ApplicationDetail): NonNullable<DescriptionsProps["items"]> {
  if (application.status === "pending") return [];
  if (application.status === "withdrawn") {
    return [{ key: "decided", label: "撤销时间", children: showMoment(application.decided_at) }];
  }
  return [
    { key: "decided", label: "审核时间", children: showMoment(application.decided_at) },
    { key: "by", label: "审核人", children: orNothing(application.decided_by_name) },
    { key: "reason", label: "审核意见", span: "filled", children: orNothing(application.decision_reason) },
  ];
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
