/** 人员基础信息: 人员信息 to read, 户籍与联系信息 to edit. Who saw an older version is told and loads the newest. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Descriptions, Form, Input, Modal, Spin } from "antd";
import { useEffect } from "react";

import { api, call, callWithHeaders } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ContactForm, MaintainedPerson } from "@/api/types";
import { withoutBlanks } from "@/fields/blanks";
import { CodeSelect } from "@/fields/CodeSelect";
import { useNames } from "@/fields/dictionaries";
import { orNothing } from "@/fields/format";
import { FormDialog } from "@/patterns/FormDialog";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./PersonDialog.module.css";

const TITLE = "人员基础信息";
const must = (what: string) => [{ required: true, whitespace: true, message: `请${what}` }];

export function PersonDialog({ id, onClose }: { id: string; onClose: () => void }) {
  // Read once for each opening: a silent refresh under the clerk's hands would mix two versions.
  const { data, error, refetch } = useQuery({
    queryKey: ["maintained-person", id],
    queryFn: () => callWithHeaders(api.GET("/api/enrollment/people/{person_id}", { params: { path: { person_id: id } } })),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
  if (error) {
    return (
      <Modal open title={TITLE} width={760} footer={null} onCancel={onClose}>
        <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />
      </Modal>
    );
  }
  if (!data) return <Spin fullscreen description="正在读取人员信息" />;
  return <Editor person={data.data} etag={data.headers.get("etag") ?? ""} onReload={() => void refetch()} onClose={onClose} />;
}

interface EditorProps {
  person: MaintainedPerson;
  etag: string;
  onReload: () => void;
  onClose: () => void;
}

function Editor({ person, etag, onReload, onClose }: EditorProps) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<ContactForm>();
  const mobile = person.contact.mobile_masked;
  // What was loaded afresh takes the place of what was typed; the dialog stays where it is.
  useEffect(() => {
    form.setFieldsValue(fieldsOf(person));
  }, [form, person]);
  return (
    <FormDialog<ContactForm, MaintainedPerson>
      title={TITLE}
      form={form}
      initial={fieldsOf(person)}
      facts={
        <>
          <Identity identity={person.identity} />
          <h3 className={styles.part}>户籍与联系信息</h3>
        </>
      }
      send={(values) =>
        call(
          api.PUT("/api/enrollment/people/{person_id}/contact", {
            params: { path: { person_id: person.person_id } },
            headers: { "If-Match": etag },
            body: withoutBlanks(values), // what is left out is emptied, the mobile number unchanged
          }),
        )
      }
      onSent={(saved) => {
        if (saved.version === person.version) message.info("内容没有变化");
        else message.success("已保存");
        void queries.invalidateQueries({ queryKey: ["person"] });
        void queries.invalidateQueries({ queryKey: ["person-changes", person.person_id] });
        onClose();
      }}
      onReload={onReload}
      onClose={onClose}
    >
      <Form.Item name="household_kind" label="户口性质" rules={must("选择户口性质")}>
        <CodeSelect table="household_kinds" />
      </Form.Item>
      <Form.Item name="household_region" label="户籍所在地区">
        <CodeSelect table="regions" allowClear />
      </Form.Item>
      <Form.Item name="household_address" label="户籍详细地址">
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item name="contact_address" label="联系地址" rules={must("填写联系地址")}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item name="mobile" label="手机号码" required extra={`现为 ${mobile}，不修改请留空`}>
        <Input inputMode="numeric" maxLength={11} autoComplete="off" placeholder={mobile} />
      </Form.Item>
      <Form.Item name="landline" label="固定电话">
        <Input inputMode="tel" maxLength={20} autoComplete="off" placeholder="如 0574-87000101" />
      </Form.Item>
      <Form.Item name="email" label="电子邮箱">
        <Input inputMode="email" maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="postal_code" label="邮政编码">
        <Input inputMode="numeric" maxLength={6} autoComplete="off" />
      </Form.Item>
      <Form.Item name="marital_status" label="婚姻状况">
        <CodeSelect table="marital_statuses" allowClear />
      </Form.Item>
      <Form.Item name="education_level" label="学历">
        <CodeSelect table="education_levels" allowClear />
      </Form.Item>
    </FormDialog>
  );
}

function Identity({ identity }: { identity: MaintainedPerson["identity"] }) {
  const name = useNames();
  return (
    <Descriptions
      title="人员信息"
      bordered
      size="small"
      column={{ xs: 1, sm: 2 }}
      items={[
        { key: "name", label: "姓名", children: identity.name },
        { key: "type", label: "证件类型", children: name("id_types", identity.id_type) },
        { key: "number", label: "证件号码", children: <span className="figures">{identity.id_number_masked}</span> },
        { key: "sex", label: "性别", children: name("sexes", identity.sex) },
        { key: "birth", label: "出生日期", children: identity.birth_date },
        { key: "nation", label: "民族", children: name("nationalities", identity.nationality) },
        { key: "work", label: "参加工作日期", children: orNothing(identity.work_start_date) },
      ]}
    />
  );
}

/** The fields as they are; the mobile number is typed anew or left alone. */
function fieldsOf(person: MaintainedPerson): Partial<ContactForm> {
  const { household_kind, household_region, household_address, contact_address, landline, email, postal_code, marital_status, education_level } = person.contact;
  return { household_kind, household_region, household_address, contact_address, landline, email, postal_code, marital_status, education_level, mobile: null };
}
