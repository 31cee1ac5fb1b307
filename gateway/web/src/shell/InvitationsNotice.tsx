/** Says in the header that an employer waits for the agent's answer. */
import { MailOutlined } from "@ant-design/icons";
import { Badge } from "antd";
import { useNavigate } from "react-router";

import { useReceivedInvitations } from "@/session/receivedInvitations";

import styles from "./UnitSwitcher.module.css";

export function InvitationsNotice() {
  const navigate = useNavigate();
  const { data } = useReceivedInvitations();
  const count = data?.total ?? 0;
  if (count === 0) return null;
  return (
    <button type="button" className={styles.notice} aria-label={`有 ${count} 份经办人邀请待处理`} onClick={() => void navigate("/hall/my-mandates")}>
      <Badge count={count} size="small">
        <MailOutlined aria-hidden="true" />
      </Badge>
    </button>
  );
}
