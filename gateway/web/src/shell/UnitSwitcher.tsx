/** The unit the tab works for, and the way to another one without logging in again. */
import { BankOutlined, SwapOutlined } from "@ant-design/icons";
import { Tooltip } from "antd";
import { useNavigate } from "react-router";

import type { Session } from "@/api/types";

import styles from "./UnitSwitcher.module.css";

export function UnitSwitcher({ session }: { session: Session }) {
  const navigate = useNavigate();
  return (
    <Tooltip title={`单位编号 ${session.employer_no ?? ""}，点击切换单位`} placement="bottom">
      <button type="button" className={styles.unit} aria-label={`当前单位：${session.unit_name ?? ""}，切换单位`} onClick={() => void navigate("/units")}>
        <BankOutlined aria-hidden="true" />
        <span className={styles.name}>{session.unit_name}</span>
        <span className={styles.switch}>
          <SwapOutlined aria-hidden="true" /> 切换
        </span>
      </button>
    </Tooltip>
  );
}
