/** 单位基本信息, 单位联系信息 and 单位注册信息 to read: of the unit's own page, of its maintenance, of the agency's. */
import { Descriptions, Typography, type DescriptionsProps } from "antd";
import type { ReactNode } from "react";

import type { Answer } from "@/api/types";
import { useNames } from "@/fields/dictionaries";
import { NOTHING, orNothing, showDate, showMoney, showMonth } from "@/fields/format";

export type UnitInfo = Answer<"/api/employer/unit", "get">;
type Masked =
  | "legal_representative_id"
  | "legal_representative_phone"
  | "contact_phone"
  | "contact_mobile"
  | "bank_account";
/** Shows a number: masked, or with a way to see it in full. */
export type ShowNumber = (field: Masked, label: string, masked: string | null | undefined) => ReactNode;

const masked: ShowNumber = (_field, _label, text) => <span className="figures">{orNothing(text)}</span>;

export function Sheet({ items }: { items: NonNullable<DescriptionsProps["items"]> }) {
  return <Descriptions bordered column={{ xs: 1, lg: 2 }} items={items} styles={{ label: { width: "min(160px, 30vw)" } }} />;
}

export function BasicFacts({ basic, withAccount = true, show = masked }: { basic: UnitInfo["basic"]; withAccount?: boolean; show?: ShowNumber }) {
  const account = basic.bank_account;
  return (
    <Sheet
      items={[
        { key: "no", label: "单位编号", children: <span className="figures">{basic.employer_no}</span> },
        { key: "name", label: "单位名称", children: basic.name },
        { key: "uscc", label: "统一社会信用代码", children: <span className="figures">{basic.uscc}</span> },
        { key: "kind", label: "单位类型", children: basic.kind_name },
        { key: "affiliation", label: "隶属关系", children: orNothing(basic.affiliation) },
        { key: "industry", label: "行业", children: orNothing(basic.industry) },
        { key: "since", label: "参保日期", children: showDate(basic.insured_since) },
        { key: "insurances", label: "参保险种", children: basic.insurances.map((insurance) => insurance.name).join("、") },
        { key: "people", label: "在保人数", children: `${basic.insured_people} 人` },
        { key: "online", label: "网上申报", children: basic.online_declaration ? "已开通" : "未开通" },
        { key: "payment", label: "缴费状态", span: "filled", children: <Payment payment={basic.payment} /> },
        ...(withAccount
          ? [
              { key: "class", label: "银行大类", children: orNothing(account?.bank_class_name) },
              { key: "branch", label: "开户行", children: orNothing(account?.branch_name) },
              { key: "account-name", label: "户名", children: orNothing(account?.account_name) },
              { key: "account", label: "账号", children: show("bank_account", "账号", account?.account_number_masked) },
            ]
          : []),
      ]}
    />
  );
}

/** The newest month may be paid while older ones are not: what is owed is that of all months. */
function Payment({ payment }: { payment: UnitInfo["basic"]["payment"] }) {
  if (payment.month == null) return <>尚未核定</>;
  return (
    <>
      {showMonth(payment.month)} {orNothing(payment.status_name)}
      {payment.unpaid_months > 0 && (
        <Typography.Text type="warning">
          ，共 {payment.unpaid_months} 个月未缴清（{showMonth(payment.unpaid_since)} 起），待缴 {showMoney(payment.outstanding)} 元
        </Typography.Text>
      )}
    </>
  );
}

export function ContactFacts({ contact, show = masked }: { contact: UnitInfo["contact"]; show?: ShowNumber }) {
  const name = useNames();
  const kind = contact.legal_representative_id_type;
  return (
    <Sheet
      items={[
        { key: "legal", label: "法人姓名", children: orNothing(contact.legal_representative) },
        {
          key: "legal-id",
          label: "法人证件号码",
          children: (
            <>
              {kind != null && kind !== "01" && `${name("id_types", kind)} `}
              {show("legal_representative_id", "法人证件号码", contact.legal_representative_id_masked)}
            </>
          ),
        },
        { key: "legal-phone", label: "法人电话", children: show("legal_representative_phone", "法人电话", contact.legal_representative_phone_masked) },
        { key: "contact", label: "联系人", children: orNothing(contact.contact) },
        { key: "phone", label: "联系电话", children: show("contact_phone", "联系电话", contact.contact_phone_masked) },
        { key: "mobile", label: "联系人手机", children: show("contact_mobile", "联系人手机", contact.contact_mobile_masked) },
        { key: "email", label: "电子邮箱", children: orNothing(contact.email) },
        { key: "postal", label: "邮政编码", children: orNothing(contact.postal_code) },
        { key: "address", label: "通讯地址", span: "filled", children: orNothing(contact.address) },
      ]}
    />
  );
}

const term = ({ term_from, term_to }: UnitInfo["registration"]): string =>
  term_from == null ? orNothing(term_to) : `${showDate(term_from)} 至 ${term_to == null ? "长期" : showDate(term_to)}`;

export function RegistrationFacts({ registration }: { registration: UnitInfo["registration"] }) {
  return (
    <Sheet
      items={[
        { key: "no", label: "注册号", children: orNothing(registration.registration_no) },
        { key: "capital", label: "注册资本", children: registration.capital == null ? NOTHING : `${showMoney(registration.capital)} 元` },
        { key: "established", label: "批准成立日期", children: showDate(registration.approved_on) },
        { key: "authority", label: "发证机关", children: orNothing(registration.issued_by) },
        { key: "term", label: "营业期限", children: term(registration) },
        { key: "address", label: "注册地址", span: "filled", children: orNothing(registration.address) },
        { key: "scope", label: "经营范围", span: "filled", children: orNothing(registration.business_scope) },
      ]}
    />
  );
}
