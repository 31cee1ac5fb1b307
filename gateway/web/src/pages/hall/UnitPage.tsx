/** 单位信息: basic, contact and registration, to read. */
import { useQuery } from "@tanstack/react-query";
import { Descriptions, Skeleton, Tabs, Typography, type DescriptionsProps } from "antd";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Answer } from "@/api/types";
import { NOTHING, orNothing, showDate, showMoney, showMonth } from "@/fields/format";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./facts.module.css";

type UnitInfo = Answer<"/api/employer/unit", "get">;

export default function UnitPage() {
  const { data, error, refetch } = useQuery({ queryKey: ["unit"], queryFn: () => call(api.GET("/api/employer/unit")) });
  return (
    <>
      <PageHead title="单位信息" hint="信息有误请联系医保经办机构。" />
      <div className={styles.sheet}>
        {error && <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />}
        {!error && !data && <Skeleton active />}
        {data && (
          <Tabs
            items={[
              { key: "basic", label: "单位基本信息", children: <Basic basic={data.basic} /> },
              { key: "contact", label: "单位联系信息", children: <Contact contact={data.contact} /> },
              { key: "registration", label: "单位注册信息", children: <Registration registration={data.registration} /> },
            ]}
          />
        )}
      </div>
    </>
  );
}

function Sheet({ items }: { items: NonNullable<DescriptionsProps["items"]> }) {
  return <Descriptions bordered column={{ xs: 1, lg: 2 }} items={items} styles={{ label: { width: 160 } }} />;
}

function Basic({ basic }: { basic: UnitInfo["basic"] }) {
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
        { key: "payment", label: "缴费状态", children: <Payment payment={basic.payment} /> },
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

const term = ({ term_from, term_to }: UnitInfo["registration"]): string =>
  term_from == null ? orNothing(term_to) : `${showDate(term_from)} 至 ${term_to == null ? "长期" : showDate(term_to)}`;

function Contact({ contact }: { contact: UnitInfo["contact"] }) {
  return (
    <Sheet
      items={[
        { key: "legal", label: "法人姓名", children: orNothing(contact.legal_representative) },
        { key: "legal-id", label: "法人证件号码", children: <span className="figures">{orNothing(contact.legal_representative_id_masked)}</span> },
        { key: "legal-phone", label: "法人电话", children: orNothing(contact.legal_representative_phone_masked) },
        { key: "contact", label: "联系人", children: orNothing(contact.contact) },
        { key: "phone", label: "联系电话", children: orNothing(contact.contact_phone_masked) },
        { key: "mobile", label: "联系人手机", children: orNothing(contact.contact_mobile_masked) },
        { key: "email", label: "电子邮箱", children: orNothing(contact.email) },
        { key: "postal", label: "邮政编码", children: orNothing(contact.postal_code) },
        { key: "address", label: "通讯地址", span: "filled", children: orNothing(contact.address) },
      ]}
    />
  );
}

function Registration({ registration }: { registration: UnitInfo["registration"] }) {
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
