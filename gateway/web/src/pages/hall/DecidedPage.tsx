/** 已审核数据: everything decided, with decision, reason, who and when. */
import { orNothing, showMoment } from "@/fields/format";

import { ApplicationsLookup } from "@/pages/applications/ApplicationsLookup";
import { StateTag } from "@/pages/applications/applicationColumns";

export default function DecidedPage() {
  return (
    <ApplicationsLookup
      title="已审核数据"
      hint="经办机构的审核结果、意见与时间，以及本单位撤销的申报。"
      state="decided"
      emptyText="没有已审核的申报"
      extraColumns={[
        { title: "审核结果", dataIndex: "status", render: (status: string, row) => <StateTag status={status} automatic={row.decided_automatically} /> },
        { title: "审核时间", dataIndex: "decided_at", render: showMoment },
        { title: "审核意见", dataIndex: "decision_reason", ellipsis: true, width: 220, render: orNothing },
      ]}
      detailWord="详情"
    />
  );
}
