/** What somebody may do for a unit: the four business groups, with what each of them opens. */
import { Checkbox, Space, Tag } from "antd";

import type { Permission } from "@/api/types";

import styles from "./fields.module.css";

export const PERMISSIONS: readonly { value: Permission; name: string; opens: string }[] = [
  { value: "declare", name: "申报", opens: "增员、减员等申报与撤销" },
  { value: "maintain", name: "维护", opens: "单位信息、银行账户与职工信息修改" },
  { value: "query", name: "查询", opens: "缴费明细、参保名单与审核进度" },
  { value: "print", name: "打印", opens: "参保证明与各类报表" },
];

interface Props {
  id?: string;
  value?: Permission[];
  onChange?: (value: Permission[]) => void;
}

/** Field of a form. */
export function PermissionChoice({ id, value, onChange }: Props) {
  return (
    <Checkbox.Group
      {...(id !== undefined && { id })}
      className={styles.choices ?? ""}
      {...(value !== undefined && { value })}
      {...(onChange && { onChange })}
      options={PERMISSIONS.map((permission) => ({
        value: permission.value,
        label: (
          <>
            {permission.name} <small>{permission.opens}</small>
          </>
        ),
      }))}
    />
  );
}

/** In a list. */
export function PermissionTags({ permissions }: { permissions: readonly string[] }) {
  return (
    <Space size={4}>
      {PERMISSIONS.filter(({ value }) => permissions.includes(value)).map(({ value, name }) => (
        <Tag key={value} color="blue">
          {name}
        </Tag>
      ))}
    </Space>
  );
}
