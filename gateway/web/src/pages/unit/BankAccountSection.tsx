/** The unit's bank account on the maintenance page, with the ways to change it and to see earlier ones. */
import { Button, Empty } from "antd";

import { orNothing, showMoment } from "@/fields/format";

import { Sheet, type UnitInfo } from "./UnitFacts";
import styles from "./unit.module.css";

export type BankAccount = NonNullable<UnitInfo["basic"]["bank_account"]>;

interface Props {
  account: BankAccount | null;
  onChange: () => void;
  onHistory: () => void;
}

export function BankAccountSection({ account, onChange, onHistory }: Props) {
  return (
    <section className={styles.sheet} aria-label="银行账户">
      <h2 className={styles.part}>
        银行账户
        <span className={styles.partActions}>
          {account !== null && <Button onClick={onHistory}>变更记录</Button>}
          <Button type="primary" ghost onClick={onChange}>{account === null ? "登记银行账户" : "修改"}</Button>
        </span>
      </h2>
      {account === null ? (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="尚未登记银行账户" />
      ) : (
        <Sheet
          items={[
            { key: "class", label: "银行大类", children: account.bank_class_name },
            { key: "branch", label: "开户行", children: account.branch_name },
            { key: "name", label: "户名", children: orNothing(account.account_name) },
            { key: "number", label: "账号", children: <span className="figures">{account.account_number_masked}</span> },
            { key: "since", label: "登记时间", children: showMoment(account.since) },
          ]}
        />
      )}
    </section>
  );
}
