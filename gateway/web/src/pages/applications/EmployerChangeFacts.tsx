/**
 * A unit's change of registration. The values are with the employer service, which knows the request by its `change_id`;
 * when it can't be asked, only which fields they are is shown.
 */
import { useQuery } from "@tanstack/react-query";
import { Descriptions, Skeleton, Tag } from "antd";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ApplicationDetail } from "@/api/types";
import { ChangeFacts } from "@/pages/unit/ChangeFacts";
import { changedField } from "@/pages/unit/changes";
import { orNothing } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";
import { Revealed } from "@/patterns/Revealed";
import { sessionQuery, sideOf } from "@/session/session";

import styles from "@/pages/hall/facts.module.css";

export function EmployerChangeFacts({ application }: { application: ApplicationDetail }) {
  const fields = application.changed_fields ?? [];
  return (
    <div className={styles.facts}>
      <Descriptions
        title="申请变更的登记事项"
        bordered
        size="small"
        column={{ xs: 1, sm: 2 }}
        items={[
          { key: "unit", label: "单位名称", children: application.employer_name },
          { key: "no", label: "单位编号", children: <span className="figures">{application.employer_no}</span> },
          {
            key: "fields",
            label: "变更事项",
            span: "filled",
            children: fields.length === 0 ? orNothing(null) : fields.map((field) => <Tag key={field}>{changedField(field)}</Tag>),
          },
        ]}
      />
      {application.change_id != null && <Values id={application.change_id} />}
    </div>
  );
}

function Values({ id }: { id: string }) {
  const session = useQuery(sessionQuery).data;
  const reviewing = session !== undefined && sideOf(session) === "agency";
  const path = { params: { path: { change_id: id } } };
  const { data, error, refetch } = useQuery({
    queryKey: ["registration-change", id, reviewing],
    queryFn: () =>
      reviewing
        ? call(api.GET("/api/employer/reviews/registration-changes/{change_id}", path))
        : call(api.GET("/api/employer/registration-changes/{change_id}", path)),
    enabled: session !== undefined,
    staleTime: 0,
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  if (!data) return <Skeleton active />;
  const base = reviewing ? "/api/employer/reviews/registration-changes" : "/api/employer/registration-changes";
  return (
    <ChangeFacts
      change={data}
      urlOf={(file) => `${base}/${id}/attachments/${file.id}/file`}
      {...(reviewing && { number: (masked) => <Revealed label="法人证件号码" masked={masked} disclose={() => disclose(id)} /> })}
    />
  );
}

/** The full number, for once: not through the query cache, which would keep it. */
async function disclose(id: string): Promise<string | null | undefined> {
  const request = { params: { path: { change_id: id } }, body: { fields: ["legal_representative_id_number" as const] } };
  const shown = await call(api.POST("/api/employer/reviews/registration-changes/{change_id}/disclosures", request));
  return shown.legal_representative_id_number;
}
