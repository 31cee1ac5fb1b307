/** What has to be set before anything else: the dynamic code of agency staff, a password past its time. */
import { useQuery } from "@tanstack/react-query";
import { Button, Spin } from "antd";
import { Navigate, useNavigate } from "react-router";

import { api, call } from "@/api/client";
import { Enrolment } from "@/pages/account/Enrolment";
import { PasswordChange } from "@/pages/account/PasswordChange";
import { homeOf, sessionQuery, sideOf, useAdoptSession, useLogout } from "@/session/session";

import { Entrance } from "./Entrance";
import styles from "./RegistrationPage.module.css";

export default function SecurePage() {
  const navigate = useNavigate();
  const adopt = useAdoptSession();
  const logout = useLogout();
  const { data: session, isPending } = useQuery(sessionQuery);
  if (isPending) return <Spin fullscreen description="正在载入" />;
  if (!session) return <Navigate to="/login" replace />;
  if (session.limited_to == null) return <Navigate to={homeOf(session)} replace />;

  const staff = sideOf(session) === "agency";
  const goOn = async () => adopt(await call(api.GET("/api/identity/sessions/current")));
  const leave = async () => {
    await logout().catch(() => undefined);
    void navigate(staff ? "/staff/login" : "/login", { replace: true });
  };
  const enrolling = session.limited_to === "second_factor";
  return (
    <Entrance title="安全设置" staff={staff} wide>
      <h1>{enrolling ? "设置动态口令" : "修改密码"}</h1>
      <p className={styles.lead}>
        {session.account.display_name}，您好。
        {enrolling ? "工作人员账号须启用动态口令，设置后方可办理业务。" : "您的密码已到期，修改后方可办理业务。"}
      </p>
      {enrolling ? <Enrolment onDone={() => void goOn()} /> : <PasswordChange secondFactor={session.account.second_factor} onDone={() => void goOn()} />}
      <Button type="link" onClick={() => void leave()}>退出登录</Button>
    </Entrance>
  );
}
