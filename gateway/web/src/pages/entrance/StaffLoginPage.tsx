/** The agency's own entrance 工作人员入口. */
import { Link } from "react-router";

import { Entrance } from "./Entrance";
import { LoginForm } from "./LoginForm";
import styles from "./LoginForm.module.css";
import { useCleanSlate } from "./LoginPage";

export default function StaffLoginPage() {
  useCleanSlate();
  return (
    <Entrance title="工作人员登录" staff>
      <h1>工作人员登录</h1>
      <LoginForm mode="staff" />
      <div className={styles.register}>
        新开通的账号，<Link to="/staff/begin">使用开通码设置密码</Link>
      </div>
    </Entrance>
  );
}
