/** The agency's own entrance 工作人员入口. */
import { Entrance } from "./Entrance";
import { LoginForm } from "./LoginForm";
import { useCleanSlate } from "./LoginPage";

export default function StaffLoginPage() {
  useCleanSlate();
  return (
    <Entrance title="工作人员登录" staff>
      <h1>工作人员登录</h1>
      <LoginForm mode="staff" />
    </Entrance>
  );
}
