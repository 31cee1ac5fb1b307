/** 证明核验: whoever holds a printed document asks whether it is genuine. */
import { CheckCircleFilled, ClockCircleFilled, CloseCircleFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Descriptions, Form, Input, Spin } from "antd";
import { useEffect } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Verification } from "@/api/types";
import { groupCode, normaliseCode, VERIFICATION_CODE_LENGTH } from "@/fields/identifiers";
import { showDate, showMoment } from "@/fields/format";
import { ProblemNote } from "@/patterns/ProblemNote";
import { whileBusy } from "@/patterns/busy";
import { Mark } from "@/shell/Mark";

import { CopyCheck } from "./CopyCheck";
import { factItems } from "./factItems";
import styles from "./VerifyPage.module.css";

export default function VerifyPage() {
  const navigate = useNavigate();
  const asked = normaliseCode(useParams()["code"] ?? "");
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["verification", asked],
    queryFn: () => call(api.GET("/api/reporting/verifications/{code}", { params: { path: { code: asked } } }), { quiet: true }),
    enabled: asked.length === VERIFICATION_CODE_LENGTH,
    retry: false,
  });
  const problem = error ? asProblem(error) : undefined;
  useEffect(() => {
    document.title = "证明核验 · 宁波市医疗保障";
  }, []);

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <Link to="/login" className={styles.brand}>
          <Mark />
          <strong>单位网厅</strong>
          <span>宁波市医疗保障</span>
        </Link>
      </header>
      <main className={styles.main}>
        <h1>证明核验</h1>
        <p className={styles.lead}>输入证明下方的校验码，或用手机扫描证明上的二维码，核对证明的真伪与内容。</p>
        <Form<{ code: string }>
          key={asked}
          name="verify"
          className={styles.ask ?? ""}
          initialValues={{ code: groupCode(asked) }}
          onFinish={({ code }) => void navigate(`/verify/${groupCode(code)}`)}
        >
          <Form.Item
            name="code"
            label="校验码"
            layout="vertical"
            getValueFromEvent={(event: { target: { value: string } }) => event.target.value.toUpperCase()}
            rules={[
              {
                validator: (_, typed: string) =>
                  normaliseCode(typed).length === VERIFICATION_CODE_LENGTH
                    ? Promise.resolve()
                    : Promise.reject(new Error(`校验码共 ${VERIFICATION_CODE_LENGTH} 位，请核对后再输入`)),
              },
            ]}
            validateTrigger="onSubmit"
          >
            <Input size="large" className="figures" autoFocus={asked === ""} autoComplete="off" spellCheck={false} placeholder="XXXXX-XXXXX-XXXXX-XXXXX-XXXXX" maxLength={40} />
          </Form.Item>
          <Button type="primary" size="large" htmlType="submit" block loading={whileBusy(isFetching)}>核验</Button>
        </Form>
        {asked !== "" && asked.length !== VERIFICATION_CODE_LENGTH && <Unknown />}
        {problem?.status === 404 && <Unknown />}
        {problem && problem.status !== 404 && <ProblemNote problem={problem} retry={() => void refetch()} />}
        {isFetching && !data && <Spin className={styles.spin ?? ""} />}
        {data && !problem && <Genuine verification={data} />}
        <CopyCheck />
      </main>
    </div>
  );
}

function Genuine({ verification }: { verification: Verification }) {
  const { revoked, expired } = verification;
  const [look, Icon, words] = revoked
    ? ([styles.unknown, CloseCircleFilled, "证明已作废"] as const)
    : expired
      ? ([styles.expired, ClockCircleFilled, "证明真实，但已超过有效期"] as const)
      : ([styles.genuine, CheckCircleFilled, "证明真实有效"] as const);
  return (
    <section className={styles.result} aria-live="polite">
      <header className={look}>
        <Icon />
        <div>
          <strong>{words}</strong>
          <span>{verification.title}</span>
        </div>
      </header>
      {revoked && (
        <p className={styles.revoked}>
          经办机构已于 {showMoment(revoked.revoked_at)} 作废这份证明。原因：{revoked.reason}
        </p>
      )}
      <Descriptions
        column={1}
        bordered
        size="small"
        items={[
          { key: "number", label: "证明编号", children: <span className="figures">{verification.number}</span> },
          ...factItems(verification.facts),
          { key: "issued", label: "出具时间", children: showMoment(verification.issued_at) },
          { key: "until", label: "有效期至", children: showDate(verification.valid_until) },
          { key: "digest", label: "文件摘要", children: <code className={styles.digest}>{verification.sha256}</code> },
        ]}
      />
      <p className={styles.note}>请核对以上内容与纸质证明是否一致。姓名和证件号码已隐去一部分。</p>
    </section>
  );
}

function Unknown() {
  return (
    <section className={styles.result} aria-live="polite">
      <header className={styles.unknown}>
        <CloseCircleFilled />
        <div>
          <strong>没有查到这份证明</strong>
          <span>请核对校验码是否输入正确；若确认无误，该证明并非由本系统出具，或已失效。</span>
        </div>
      </header>
    </section>
  );
}
