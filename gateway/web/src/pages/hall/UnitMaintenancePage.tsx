/** 单位信息维护: 单位基本信息 to read, the bank account to change, 单位联系信息 to edit. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Form, Input, Skeleton } from "antd";
import { useState } from "react";

import { api, call, callWithHeaders } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Answer, Body } from "@/api/types";
import { withoutBlanks } from "@/fields/blanks";
import { CodeSelect } from "@/fields/CodeSelect";
import { orNothing } from "@/fields/format";
import { IdentifierInput } from "@/fields/IdentifierInput";
import { BankAccountDialog } from "@/pages/unit/BankAccountDialog";
import { BankAccountSection } from "@/pages/unit/BankAccountSection";
import { BankAccountHistory } from "@/pages/unit/BankAccountHistory";
import { BasicFacts, type UnitInfo } from "@/pages/unit/UnitFacts";
import { FormPage, FormSection, WholeLine } from "@/patterns/FormPage";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "@/pages/unit/unit.module.css";

type ContactEdit = Body<"/api/employer/unit/contact", "put">;
type Saved = Answer<"/api/employer/unit/contact", "put">;

const TITLE = "单位信息维护";
const must = (what: string) => [{ required: true, whitespace: true, message: `请填写${what}` }];

export default function UnitMaintenancePage() {
  // Read once for each opening: a silent refresh under the clerk's hands would mix two versions.
  const { data, error, refetch } = useQuery({
    queryKey: ["unit-maintenance"],
    queryFn: () => callWithHeaders(api.GET("/api/employer/unit/maintenance")),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
  const [dialog, setDialog] = useState<"account" | "history">();
  if (error || !data) {
    return (
      <>
        <PageHead title={TITLE} />
        <div className={styles.sheet}>
          {error ? <ProblemNote problem={asProblem(error)} retry={() => void refetch()} /> : <Skeleton active />}
        </div>
      </>
    );
  }
  const { basic } = data.data;
  const close = () => setDialog(undefined);
  return (
    <>
      <Editor
        key={data.headers.get("etag")}
        unit={data.data}
        etag={data.headers.get("etag") ?? ""}
        onReload={() => void refetch()}
        onAccount={() => setDialog("account")}
        onHistory={() => setDialog("history")}
      />
      {dialog === "account" && (
        <BankAccountDialog unitName={basic.name} present={basic.bank_account ?? null} onClose={close} onChanged={() => void refetch()} />
      )}
      <BankAccountHistory open={dialog === "history"} onClose={close} />
    </>
  );
}

interface EditorProps {
  unit: UnitInfo;
  etag: string;
  onReload: () => void;
  onAccount: () => void;
  onHistory: () => void;
}

function Editor({ unit, etag, onReload, onAccount, onHistory }: EditorProps) {
  const { contact } = unit;
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<ContactEdit>();
  const [stale, setStale] = useState(false);
  const recorded = contact.legal_representative_id_masked;
  const without = Form.useWatch("without_contact_mobile", form) as boolean | undefined;
  const send = async (values: ContactEdit): Promise<Saved> => {
    try {
      // What is left out is emptied, numbers are unchanged.
      return await call(api.PUT("/api/employer/unit/contact", { headers: { "If-Match": etag }, body: withoutBlanks(values) }));
    } catch (thrown) {
      setStale(asProblem(thrown).status === 412);
      throw thrown;
    }
  };
  return (
    <FormPage<ContactEdit, Saved>
      title={TITLE}
      hint="单位联系信息提交后立即生效。单位名称、证照、法人身份和注册地址的变更请办理“单位信息变更”。"
      form={form}
      initial={{
        legal_representative: contact.legal_representative,
        legal_representative_id_type: contact.legal_representative_id_type ?? "01",
        contact: contact.contact,
        address: contact.address,
        email: contact.email,
        postal_code: contact.postal_code,
        without_contact_mobile: false,
      }}
      send={send}
      onReset={() => setStale(false)}
      onSent={(saved) => {
        if (saved.version === contact.version) message.info("内容没有变化");
        else message.success("单位联系信息已保存");
        void queries.invalidateQueries({ queryKey: ["unit"] });
        onReload();
      }}
    >
      {stale && (
        <Alert
          type="warning"
          showIcon
          title="他人已修改了单位联系信息"
          description="载入最新内容后再修改；您刚才填写的内容将不保留。"
          action={<Button size="small" onClick={onReload}>载入最新内容</Button>}
        />
      )}
      <section className={styles.sheet} aria-label="单位基本信息">
        <h2 className={styles.part}>单位基本信息</h2>
        <BasicFacts basic={unit.basic} withAccount={false} />
      </section>
      <BankAccountSection account={unit.basic.bank_account ?? null} onChange={onAccount} onHistory={onHistory} />
      <FormSection title="单位联系信息">
        <Form.Item name="legal_representative" label="法人姓名" rules={must("法人姓名")}>
          <Input maxLength={50} autoComplete="off" />
        </Form.Item>
        {recorded == null ? (
          <>
            <Form.Item name="legal_representative_id_type" label="法人证件类型">
              <CodeSelect table="id_types" />
            </Form.Item>
            <Form.Item name="legal_representative_id" label="法人证件号码">
              <IdentifierInput />
            </Form.Item>
          </>
        ) : (
          <Form.Item label="法人证件号码" extra="变更请办理“单位信息变更”">
            <Input disabled value={recorded} aria-label="法人证件号码" />
          </Form.Item>
        )}
        <KeptNumber name="legal_representative_phone" label="法人电话" masked={contact.legal_representative_phone_masked} />
        <Form.Item name="contact" label="联系人" rules={must("联系人")}>
          <Input maxLength={50} autoComplete="off" />
        </Form.Item>
        <KeptNumber name="contact_phone" label="联系电话" masked={contact.contact_phone_masked} />
        <Form.Item
          name="contact_mobile"
          label="联系人手机"
          extra={
            contact.contact_mobile_masked != null && (
              <>
                现为 {contact.contact_mobile_masked}，不修改请留空{" "}
                <Form.Item name="without_contact_mobile" valuePropName="checked" noStyle>
                  <Checkbox>清空</Checkbox>
                </Form.Item>
              </>
            )
          }
        >
          <Input inputMode="numeric" maxLength={20} autoComplete="off" disabled={without === true} placeholder={contact.contact_mobile_masked ?? ""} />
        </Form.Item>
        <Form.Item name="email" label="电子邮箱">
          <Input inputMode="email" maxLength={100} autoComplete="off" />
        </Form.Item>
        <Form.Item name="postal_code" label="邮政编码">
          <Input inputMode="numeric" maxLength={6} autoComplete="off" />
        </Form.Item>
        <WholeLine>
          <Form.Item name="address" label="通讯地址" rules={must("通讯地址")}>
            <Input maxLength={200} autoComplete="off" />
          </Form.Item>
        </WholeLine>
      </FormSection>
    </FormPage>
  );
}

/** A required number that is known only masked: typed anew or left alone. */
function KeptNumber({ name, label, masked }: { name: string; label: string; masked: string }) {
  return (
    <Form.Item name={name} label={label} required extra={`现为 ${orNothing(masked)}，不修改请留空`}>
      <Input inputMode="tel" maxLength={30} autoComplete="off" placeholder={masked} />
    </Form.Item>
  );
}
