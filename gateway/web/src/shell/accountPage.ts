/** 个人中心: the page that every shell has, whatever the account may do; reached by the account's own menu. */
import { SettingOutlined } from "@ant-design/icons";
import { lazy } from "react";

import type { ShellPage } from "./pages";

export const accountPage: ShellPage = {
  path: "account",
  title: "个人中心",
  Icon: SettingOutlined,
  summary: "登录密码、手机号码、动态口令与登录记录",
  Page: lazy(() => import("@/pages/account/AccountPage")),
};
