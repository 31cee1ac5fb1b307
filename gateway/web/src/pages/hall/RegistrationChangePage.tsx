/** 单位信息变更: what is registered, what it is to become, the proofs; one request at a time, reviewed by the agency. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Form, Input, Select, Skeleton, Tag } from "antd";
import { useCallback, useEffect, useState, type ReactNode } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Body } from "@/api/types";
import { CodeSelect } from "@/fields/CodeSelect";
import { useCodes } from "@/fields/dictionaries";
import { showMoment } from "@/fields/format";
import { IdentifierInput } from "@/fields/IdentifierInput";
import { ApplicationDrawer } from "@/pages/applications/ApplicationDrawer";
import { AttachmentsField } from "@/pages/unit/AttachmentsField";
import { discard, type Attachment } from "@/pages/unit/attachments";
import { MOST } from "@/pages/unit/files";
import { ChangeFacts } from "@/pages/unit/ChangeFacts";
import { ChangeHistory } from "@/pages/unit/ChangeHistory";
import { CHANGE_STATES, type Change } from "@/pages/unit/changes";
import type { UnitInfo } from "@/pages/unit/UnitFacts";
import { FormPage, FormSection, WholeLine } from "@/patterns/FormPage";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "@/pages/unit/unit.module.css";

const TITLE = "单位信息变更";
const VIRTUAL_KIND = "99";
const must = (what: string) => [{ required: true, whitespace: true, message: `请填写${what}` }];

type ChangeForm = Body<"/api/employer/registration-changes", "post">;
type Fields = Omit<ChangeForm, "attachments"> & { attachments: Attachment[]; new_representative: boolean };

export default function RegistrationChangePage() {
  const [history, setHistory] = useState(false);
  // Read once for each opening: a silent refresh under the clerk's hands would put the form back.
  const unit = useQuery({
    queryKey: ["unit-to-change"],
    queryFn: () => call(api.GET("/api/employer/unit/maintenance")),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
  const newest = useQuery({
    queryKey: ["registration-changes", "newest"],
    queryFn: () => call(api.GET("/api/employer/registration-changes", { params: { query: { page: 1, page_size: 1 } } })),
    staleTime: 0,
  });
  const error = unit.error ?? newest.error;
  const extra = <Button onClick={() => setHistory(true)}>变更记录</Button>;
  const [last] = newest.data?.items ?? [];
  const pending = last?.status === "pending" ? last : undefined;
  const { refetch: readUnit } = unit;
  const { refetch: readNewest } = newest;
  const again = useCallback(() => {
    void readUnit().then(() => readNewest());
  }, [readNewest, readUnit]);
  return (
    <>
      {error || !unit.data || !newest.data ? (
        <>
          <PageHead title={TITLE} extra={extra} />
          <div className={styles.sheet}>{error ? <ProblemNote problem={asProblem(error)} retry={again} /> : <Skeleton active />}</div>
        </>
      ) : pending ? (
        <Pending change={pending} extra={extra} onEnd={again} />
      ) : (
        <Request key={unit.dataUpdatedAt} unit={unit.data} last={last} extra={extra} onSent={again} />
      )}
      <ChangeHistory open={history} onClose={() => setHistory(false)} />
    </>
  );
}

interface PendingProps {
  change: Change;
  extra: ReactNode;
  onEnd: () => void;
}

/** The request that waits. It is withdrawn where every application is: in the detail of 待审核数据. */
function Pending({ change, extra, onEnd }: PendingProps) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  // Asked again whenever the notices tell of the unit's applications. The queue hears of a request, and this service of
  // its end, a moment later: until then once a second.
  const { data, error } = useQuery({
    queryKey: ["applications", "change", change.id],
    queryFn: async () => {
      const body = { state: "pending" as const, kind: "employer_change" as const, page: 1, page_size: 1 };
      const found = await call(api.POST("/api/enrollment/applications/searches", { body }), { background: true });
      const path = { params: { path: { change_id: change.id } } };
      const { status } = await call(api.GET("/api/employer/registration-changes/{change_id}", path), { background: true });
      return { no: found.items[0]?.no ?? null, ended: status !== "pending" };
    },
    refetchInterval: ({ state }) => (state.data && state.data.no === null && !state.data.ended ? 1000 : false),
    staleTime: 0,
    retry: false,
  });
  const ended = data?.ended ?? false;
  useEffect(() => {
    if (!ended) return;
    void queries.invalidateQueries({ queryKey: ["unit"] });
    onEnd();
  }, [ended, onEnd, queries]);
  const no = data?.no;
  return (
    <div className={styles.page}>
      <PageHead title={TITLE} hint="同一时间只能有一件变更申请。审核通过后自动生效。" extra={extra} />
      <Alert
        type="info"
        showIcon
        role="status"
        title="变更申请正在等待审核"
        description={
          <>
            {showMoment(change.requested_at)} 提交{no != null && <>，申报流水号 <b className="figures">{no}</b></>}
            {error && "，可在“待审核数据”中查看或撤销"}
          </>
        }
        action={no != null && <Button onClick={() => setOpen(true)}>详情 / 撤销</Button>}
      />
      <div className={styles.sheet}>
        <ChangeFacts change={change} urlOf={(file) => `/api/employer/registration-changes/${change.id}/attachments/${file.id}/file`} />
      </div>
      <ApplicationDrawer
        no={open && no != null ? no : undefined}
        onClose={() => {
          setOpen(false);
          onEnd();
        }}
      />
    </div>
  );
}

interface RequestProps {
  unit: UnitInfo;
  last: Change | undefined;
  extra: ReactNode;
  onSent: () => void;
}

function Request({ unit, last, extra, onSent }: RequestProps) {
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const { codes: kinds } = useCodes("employer_kinds");
  const person = Form.useWatch("new_representative", form) as boolean | undefined;
  const uscc = Form.useWatch("uscc", form) as string | undefined;
  const { basic, contact, registration } = unit;
  const forget = () => {
    for (const file of form.getFieldValue("attachments") as Attachment[]) void discard(file.id);
  };
  return (
    <FormPage<Fields, Change>
      title={TITLE}
      hint="修改需要变更的事项，其余保持不变；提交后由经办机构审核，通过后生效。"
      extra={extra}
      form={form}
      initial={{
        name: basic.name,
        uscc: basic.uscc,
        kind: basic.kind,
        address: registration.address,
        new_representative: false,
        legal_representative: { id_type: "01" } as NonNullable<Fields["legal_representative"]>,
        attachments: [],
      }}
      send={({ new_representative, legal_representative, attachments, ...rest }, key) =>
        call(
          api.POST("/api/employer/registration-changes", {
            headers: { "Idempotency-Key": key },
            body: {
              ...rest,
              ...(new_representative && legal_representative && { legal_representative }),
              attachments: attachments.map((file) => file.id),
            },
          }),
        )
      }
      onReset={forget}
      onSent={() => {
        message.success("变更申请已提交，等待经办机构审核");
        void queries.invalidateQueries({ queryKey: ["registration-changes"] });
        void queries.invalidateQueries({ queryKey: ["applications"] });
        onSent();
      }}
    >
      {last && last.ended_at != null && <Outcome change={last} />}
      <FormSection title="登记信息" note="已填入现登记内容">
        <WholeLine>
          <Form.Item name="name" label="单位名称" rules={must("单位名称")}>
            <Input maxLength={100} autoComplete="off" />
          </Form.Item>
        </WholeLine>
        <Form.Item
          name="uscc"
          label="统一社会信用代码"
          rules={must("统一社会信用代码")}
          extra={
            basic.virtual
              ? "虚拟单位代码由经办机构登记"
              : uscc !== undefined && uscc !== basic.uscc
                ? "变更生效后，法人账号须以新代码重新注册"
                : undefined
          }
        >
          <IdentifierInput disabled={basic.virtual} />
        </Form.Item>
        <Form.Item name="kind" label="单位类型" rules={[{ required: true, message: "请选择单位类型" }]}>
          <Select
            disabled={basic.virtual}
            options={kinds.filter(({ code }) => basic.virtual || code !== VIRTUAL_KIND).map(({ code, name }) => ({ value: code, label: name }))}
          />
        </Form.Item>
        <WholeLine>
          <Form.Item name="address" label="注册地址" rules={must("注册地址")}>
            <Input maxLength={200} autoComplete="off" />
          </Form.Item>
        </WholeLine>
      </FormSection>
      <FormSection title="法定代表人" note={`现为 ${contact.legal_representative}`}>
        <WholeLine>
          <Form.Item name="new_representative" valuePropName="checked">
            <Checkbox>变更法定代表人</Checkbox>
          </Form.Item>
        </WholeLine>
        {person === true && (
          <>
            <Form.Item name={["legal_representative", "name"]} label="法人姓名" rules={must("法人姓名")}>
              <Input maxLength={50} autoComplete="off" />
            </Form.Item>
            <Form.Item name={["legal_representative", "id_type"]} label="法人证件类型" rules={[{ required: true, message: "请选择证件类型" }]}>
              <CodeSelect table="id_types" />
            </Form.Item>
            <Form.Item name={["legal_representative", "id_number"]} label="法人证件号码" rules={must("法人证件号码")}>
              <IdentifierInput />
            </Form.Item>
          </>
        )}
      </FormSection>
      <FormSection title="证明材料" note={`营业执照、任命文件等扫描件，PDF、JPG 或 PNG，1 至 ${MOST} 个，每个不超过 5 MB`}>
        <WholeLine>
          <Form.Item
            name="attachments"
            label="附件"
            required
            rules={[{ validator: (_, files: Attachment[]) => (files.length > 0 ? Promise.resolve() : Promise.reject(new Error("请上传附件"))) }]}
          >
            <AttachmentsField />
          </Form.Item>
        </WholeLine>
        <WholeLine>
          <Form.Item name="remark" label="变更说明">
            <Input.TextArea maxLength={500} showCount rows={2} />
          </Form.Item>
        </WholeLine>
      </FormSection>
    </FormPage>
  );
}

function Outcome({ change }: { change: Change }) {
  const [word, colour] = CHANGE_STATES[change.status];
  return (
    <Alert
      type={change.status === "applied" ? "success" : "info"}
      showIcon
      title={
        <>
          上一件变更申请：<Tag color={colour}>{word}</Tag>
        </>
      }
      description={`${showMoment(change.ended_at)} 办结${change.application_no == null ? "" : `，申报流水号 ${change.application_no}，审核意见见“已审核数据”`}`}
    />
  );
}
