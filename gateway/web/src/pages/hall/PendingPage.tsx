/** 待审核数据: everything submitted and undecided. */
import { ApplicationsLookup } from "@/pages/applications/ApplicationsLookup";

export default function PendingPage() {
  return (
    <ApplicationsLookup
      title="待审核数据"
      hint="已提交、等待经办机构审核的申报。打开详情可以撤销。"
      state="pending"
      emptyText="没有待审核的申报"
      extraColumns={[]}
      detailWord="详情 / 撤销"
    />
  );
}
