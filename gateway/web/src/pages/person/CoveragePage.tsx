/** 我的参保信息: every insurance type, with which unit, since when, and how it stands. */
import { Badge, Descriptions, Empty, Skeleton, Table } from "antd";

import { asProblem } from "@/api/problem";
import type { OwnCoverage } from "@/api/types";
import { orNothing, showMonth } from "@/fields/format";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import { useOwnCoverage } from "./ownCoverage";
import styles from "./person.module.css";
import { Recognised } from "./Recognised";

const BADGES: Readonly<Record<string, "success" | "processing" | "default">> = { "0": "processing", "1": "success" };

export default function CoveragePage() {
  return (
    <div className={styles.page}>
      <PageHead title="我的参保信息" hint="信息有误请联系单位经办人或医保经办机构。" />
      <Recognised>
        <Coverage />
      </Recognised>
    </div>
  );
}

function Coverage() {
  const { data, error, refetch } = useOwnCoverage();
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  if (!data) return <Skeleton active />;
  return (
    <>
      <section className={styles.card} aria-label="本人信息">
        <Descriptions
          column={{ xs: 1, lg: 2 }}
          items={[
            { key: "name", label: "姓名", children: data.name },
            { key: "type", label: "证件类型", children: data.id_type_name },
            { key: "number", label: "证件号码", children: <span className="figures">{data.id_number_masked}</span> },
            { key: "mobile", label: "手机号码", children: <span className="figures">{data.mobile_masked}</span> },
          ]}
        />
      </section>
      <section className={styles.card} aria-label="参保关系">
        <Table<OwnCoverage>
          size="middle"
          rowKey={(row) => `${row.insurance} ${row.employer_no ?? ""} ${row.start_month}`}
          dataSource={data.items}
          pagination={false}
          scroll={{ x: "max-content" }}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有参保记录" /> }}
          columns={[
            { title: "险种类型", dataIndex: "insurance_name" },
            { title: "参保单位或身份", dataIndex: "held_by" },
            { title: "人员类别", dataIndex: "person_category_name", render: orNothing },
            { title: "参保起始月", dataIndex: "start_month", render: showMonth },
            { title: "停保月份", dataIndex: "stop_month", render: showMonth },
            {
              title: `参保状态（${showMonth(data.month)}）`,
              dataIndex: "status",
              render: (status: string, row) => <Badge status={BADGES[status] ?? "default"} text={row.status_name} />,
            },
          ]}
        />
      </section>
    </>
  );
}
