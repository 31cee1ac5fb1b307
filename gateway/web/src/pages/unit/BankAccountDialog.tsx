/** 修改银行账户: the branch from the directory, account name and number; asks for the password once more. */
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input } from "antd";
import { useState } from "react";

import { api, call } from "@/api/client";
import type { Body } from "@/api/types";
import { FormDialog, WholeRow } from "@/patterns/FormDialog";
import { withStepUp } from "@/session/stepUp";

import type { BankAccount } from "./BankAccountSection";
import { BranchPicker, type Branch } from "./BranchPicker";
import styles from "./unit.module.css";

type AccountForm = Body<"/api/employer/unit/bank-account", "put">;

interface Props {
  unitName: string;
  present: BankAccount | null;
  onClose: () => void;
  onChanged: () => void;
}

export function BankAccountDialog({ unitName, present, onClose, onChanged }: Props) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<AccountForm>();
  const accountName = Form.useWatch("account_name", form) as string | undefined;
  return (
    <FormDialog<AccountForm, BankAccount>
      title={present === null ? "登记银行账户" : "修改银行账户"}
      form={form}
      initial={{ account_name: present?.account_name ?? unitName }}
      facts={
        present !== null && (
          <Alert
            type="info"
            showIcon
            title={`现用账户：${present.branch_name}，账号 ${present.account_number_masked}`}
            description="提交后立即改用新账户，原账户留存在变更记录中。"
          />
        )
      }
      send={(values) =>
        withStepUp(() =>
          call(api.PUT("/api/employer/unit/bank-account", { headers: { "If-Match": `"v${present?.number ?? 0}"` }, body: values })),
        )
      }
      onSent={(saved) => {
        if (saved.number === present?.number) message.info("内容没有变化");
        else message.success("银行账户已更新");
        void queries.invalidateQueries({ queryKey: ["unit"] });
        void queries.invalidateQueries({ queryKey: ["bank-accounts"] });
        onChanged();
        onClose();
      }}
      onReload={() => {
        onChanged();
        onClose();
      }}
      onClose={onClose}
    >
      <WholeRow>
        <Form.Item name="branch_code" label="开户行" rules={[{ required: true, message: "请选择开户行" }]}>
          <BranchField />
        </Form.Item>
      </WholeRow>
      <WholeRow>
        <Form.Item
          name="account_name"
          label="户名"
          rules={[{ required: true, whitespace: true, message: "请填写户名" }]}
          extra={accountName && accountName.trim() !== unitName ? "户名与单位名称不一致，请核对开户许可证" : undefined}
        >
          <Input maxLength={100} autoComplete="off" />
        </Form.Item>
      </WholeRow>
      <WholeRow>
        <Form.Item
          name="account_number"
          label="账号"
          rules={[
            { required: true, message: "请填写账号" },
            { pattern: /^[\d\s-]{6,48}$/, message: "银行账号应为6至32位数字" },
          ]}
        >
          <Input inputMode="numeric" maxLength={48} autoComplete="off" className="figures" />
        </Form.Item>
      </WholeRow>
    </FormDialog>
  );
}

/** The chosen branch, and the way to choose it. Its value is the branch's code. */
function BranchField({ id, onChange }: { id?: string; value?: string; onChange?: (code: string) => void }) {
  const [picking, setPicking] = useState(false);
  const [branch, setBranch] = useState<Branch>();
  return (
    <>
      <div className={styles.chosen}>
        <Input readOnly id={id} value={branch ? `${branch.name}（${branch.code}）` : ""} placeholder="请从银行名录中选择" onClick={() => setPicking(true)} />
        <Button onClick={() => setPicking(true)}>选择</Button>
      </div>
      {picking && (
        <BranchPicker
          onPick={(chosen) => {
            setBranch(chosen);
            onChange?.(chosen.code);
            setPicking(false);
          }}
          onClose={() => setPicking(false)}
        />
      )}
    </>
  );
}
