/** The form of an addition as it was declared, for reading. */
import { Descriptions } from "antd";

import type { ApplicationDetail } from "@/api/types";
import { useNames } from "@/fields/dictionaries";
import { orNothing, placeOf, showMoney, showMonth } from "@/fields/format";

import type { RevealedNumbers } from "./DeclaredFacts";
import styles from "@/pages/hall/facts.module.css";

export function AdditionFacts({ form, idNumber, mobile }: { form: ApplicationDetail["form"] } & RevealedNumbers) {
  const name = useNames();
  const person = form["person"] ?? {};
  const insurance = form["insurance"] ?? {};
  return (
    <div className={styles.facts}>
      <Descriptions
        title="人员基础信息"
        bordered
        size="small"
        column={{ xs: 1, sm: 2 }}
        items={[
          { key: "name", label: "姓名", children: orNothing(person["name"]) },
          { key: "type", label: "证件类型", children: name("id_types", person["id_type"]) },
          { key: "number", label: "证件号码", children: idNumber ?? <span className="figures">{orNothing(person["id_number"])}</span> },
          { key: "sex", label: "性别", children: name("sexes", person["sex"]) },
          { key: "birth", label: "出生日期", children: orNothing(person["birth_date"]) },
          { key: "nation", label: "民族", children: name("nationalities", person["nationality"]) },
          { key: "household", label: "户口性质", children: name("household_kinds", person["household_kind"]) },
          { key: "mobile", label: "手机号码", children: mobile ?? orNothing(person["mobile"]) },
          { key: "address", label: "联系地址", span: "filled", children: orNothing(person["contact_address"]) },
          { key: "home", label: "户籍地址", span: "filled", children: placeOf(name("regions", person["household_region"]), person["household_address"]) },
          { key: "marital", label: "婚姻状况", children: name("marital_statuses", person["marital_status"]) },
          { key: "education", label: "学历", children: name("education_levels", person["education_level"]) },
          { key: "work", label: "参加工作日期", children: orNothing(person["work_start_date"]) },
          { key: "email", label: "电子邮箱", children: orNothing(person["email"]) },
        ]}
      />
      <Descriptions
        title="人员参保信息"
        bordered
        size="small"
        column={{ xs: 1, sm: 2 }}
        items={[
          { key: "month", label: "参保月份", children: showMonth(insurance["start_month"]) },
          { key: "reason", label: "增员原因", children: name("addition_reasons", insurance["reason"]) },
          { key: "form", label: "用工形式", children: name("employment_forms", insurance["employment_form"]) },
          { key: "identity", label: "个人身份", children: name("personal_identities", insurance["personal_identity"]) },
          { key: "category", label: "人员类别", children: name("person_categories", insurance["person_category"]) },
          { key: "wage", label: "月缴费工资", children: `${showMoney(insurance["monthly_wage"])} 元` },
          { key: "contract", label: "合同期限", children: `${orNothing(insurance["contract_start"])} 至 ${orNothing(insurance["contract_end"])}` },
          { key: "position", label: "岗位/职务", children: orNothing(insurance["position"]) },
          { key: "remark", label: "备注", span: "filled", children: orNothing(insurance["remark"]) },
        ]}
      />
    </div>
  );
}
