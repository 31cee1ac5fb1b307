/** 单位信息: basic, contact and registration, to read; numbers in full on demand. */
import { useQuery } from "@tanstack/react-query";
import { Skeleton, Tabs } from "antd";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import { BasicFacts, ContactFacts, RegistrationFacts, type ShowNumber } from "@/pages/unit/UnitFacts";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";
import { Revealed } from "@/patterns/Revealed";

import styles from "./facts.module.css";

const show: ShowNumber = (field, label, masked) => (
  <Revealed
    label={label}
    masked={masked}
    // The full number, for once: not through the query cache, which would keep it.
    disclose={async () => (await call(api.POST("/api/employer/unit/disclosures", { body: { fields: [field] } })))[field]}
  />
);

export default function UnitPage() {
  const { data, error, refetch } = useQuery({ queryKey: ["unit"], queryFn: () => call(api.GET("/api/employer/unit")) });
  return (
    <>
      <PageHead title="单位信息" hint="联系信息和银行账户可在“单位信息维护”中修改；名称、证照等变更请办理“单位信息变更”。" />
      <div className={styles.sheet}>
        {error && <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />}
        {!error && !data && <Skeleton active />}
        {data && (
          <Tabs
            items={[
              { key: "basic", label: "单位基本信息", children: <BasicFacts basic={data.basic} show={show} /> },
              { key: "contact", label: "单位联系信息", children: <ContactFacts contact={data.contact} show={show} /> },
              { key: "registration", label: "单位注册信息", children: <RegistrationFacts registration={data.registration} /> },
            ]}
          />
        )}
      </div>
    </>
  );
}
