/** 参保人员增员申报: one new employee, in two modules. */
import { Alert, Button, Form, Input, Radio, Result } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import dayjs from "dayjs";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, call } from "@/api/client";
import type { AdditionForm, Application } from "@/api/types";
import { withoutBlanks } from "@/fields/blanks";
import { CodeSelect } from "@/fields/CodeSelect";
import { DateField } from "@/fields/DateField";
import { showMonth } from "@/fields/format";
import { FormPage, FormSection, WholeLine } from "@/patterns/FormPage";
import { draftKey } from "@/patterns/drafts";
import { sessionQuery } from "@/session/session";

import { BatchButtons } from "./BatchButtons";
import { CostPreview } from "./CostPreview";
import { onlineDeclarationQuery } from "./onlineDeclaration";
import { PersonModule } from "./PersonModule";
import styles from "./AdditionPage.module.css";

const must = (what: string) => [{ required: true, message: `请${what}` }];

export default function AdditionPage() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [form] = Form.useForm<AdditionForm>();
  const [sent, setSent] = useState<Application>();
  const [round, setRound] = useState(0);
  const { data: session } = useQuery(sessionQuery);
  const { data: online } = useQuery(onlineDeclarationQuery);

  if (sent) {
    return (
      <Result
        className={styles.done ?? ""}
        status="success"
        title="已提交，等待经办机构审核"
        subTitle={
          <>
            {sent.person_name}（{sent.id_number_masked}）自 {showMonth(sent.start_month)} 起参保，申报流水号{" "}
            <b className="figures" data-testid="application-no">{sent.no}</b>
          </>
        }
        extra={[
          <Button key="again" type="primary" onClick={() => setSent(undefined)}>继续增员</Button>,
          <Button key="pending" onClick={() => void navigate("/hall/pending")}>查看待审核数据</Button>,
        ]}
      />
    );
  }

  const months = online?.months ?? [];
  const closed =
    online && !online.allowed ? (
      <Alert type="warning" showIcon title="暂不能网上办理增员申报" description={online.reason ?? "请到医保经办机构窗口办理，或向经办机构咨询开通时间。"} />
    ) : undefined;
  return (
    <FormPage<AdditionForm, Application>
      key={round}
      title="参保人员增员申报"
      hint="提交后由经办机构审核；审核前可在“待审核数据”中撤销。"
      extra={<BatchButtons kind="addition" />}
      form={form}
      initial={{ person: { id_type: "01", nationality: "01" }, insurance: {} } as Partial<AdditionForm>}
      closed={closed}
      {...(session && { draft: draftKey("addition", session.account.id, session.employer_no) })}
      onReset={() => setRound(round + 1)}
      send={(values, key) =>
        call(api.POST("/api/enrollment/additions", { headers: { "Idempotency-Key": key }, body: withoutBlanks(values) }))
      }
      onSent={(application) => {
        form.resetFields();
        setSent(application);
        void queries.invalidateQueries({ queryKey: ["applications"] });
      }}
    >
      <PersonModule />
      <FormSection title="人员参保信息">
        <Form.Item name={["insurance", "start_month"]} label="参保月份" rules={must("选择参保月份")}>
          <Radio.Group
            aria-label="参保月份"
            options={months.map((month, i) => ({ value: month, label: `${showMonth(month)}（${i === 0 ? "当月" : "次月"}）` }))}
            optionType="button"
          />
        </Form.Item>
        <Form.Item name={["insurance", "reason"]} label="增员原因" rules={must("选择增员原因")}>
          <CodeSelect table="addition_reasons" />
        </Form.Item>
        <Form.Item name={["insurance", "employment_form"]} label="用工形式" rules={must("选择用工形式")}>
          <CodeSelect table="employment_forms" />
        </Form.Item>
        <Form.Item name={["insurance", "personal_identity"]} label="个人身份" rules={must("选择个人身份")}>
          <CodeSelect table="personal_identities" />
        </Form.Item>
        <Form.Item name={["insurance", "person_category"]} label="人员类别" rules={must("选择人员类别")}>
          <CodeSelect table="person_categories" />
        </Form.Item>
        <Form.Item name={["insurance", "monthly_wage"]} label="月缴费工资（元）" rules={must("填写月缴费工资")} extra="核定时按缴费基数上下限取值，见下方测算">
          <Input inputMode="decimal" maxLength={12} autoComplete="off" placeholder="如 8200.00" />
        </Form.Item>
        <WholeLine>
          <Cost />
        </WholeLine>
        <WholeLine>
          <Form.Item label="险种类型" required>
            <div className={styles.insurances} aria-label="险种类型">
              {online?.insurances.map((insurance) => (
                <span key={insurance.code}>
                  {insurance.code} {insurance.name}
                </span>
              ))}
              <small>由单位类型确定</small>
            </div>
          </Form.Item>
        </WholeLine>
        <Form.Item name={["insurance", "contract_start"]} label="合同开始日期">
          <DateField />
        </Form.Item>
        <Form.Item
          name={["insurance", "contract_end"]}
          label="合同终止日期"
          dependencies={[["insurance", "contract_start"]]}
        >
          <DateField forbid={(day) => day.isBefore(dayjs((form.getFieldValue(["insurance", "contract_start"]) as string | undefined) ?? "1900-01-01"))} />
        </Form.Item>
        <Form.Item name={["insurance", "position"]} label="岗位/职务">
          <Input maxLength={50} autoComplete="off" />
        </Form.Item>
        <WholeLine>
          <Form.Item name={["insurance", "remark"]} label="备注">
            <Input.TextArea maxLength={500} showCount rows={2} />
          </Form.Item>
        </WholeLine>
      </FormSection>
    </FormPage>
  );
}

function Cost() {
  const form = Form.useFormInstance<AdditionForm>();
  return (
    <CostPreview
      month={Form.useWatch(["insurance", "start_month"], form) as string | undefined}
      wage={Form.useWatch(["insurance", "monthly_wage"], form) as string | undefined}
      category={Form.useWatch(["insurance", "person_category"], form) as string | undefined}
    />
  );
}
