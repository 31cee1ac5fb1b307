/** The shell of an insured person 个人网厅. */
import { IdcardOutlined, SafetyCertificateOutlined, SolutionOutlined, WalletOutlined } from "@ant-design/icons";
import { lazy } from "react";

import type { Session } from "@/api/types";
import { PersonHome } from "@/pages/home/PersonHome";

import { accountPage } from "./accountPage";
import { Frame } from "./Frame";
import type { PageGroup } from "./pages";

const groups: readonly PageGroup[] = [
  {
    key: "mine",
    title: "我的医保",
    Icon: IdcardOutlined,
    sections: [
      {
        key: "mine-pages",
        pages: [
          {
            path: "coverage",
            title: "我的参保信息",
            Icon: SolutionOutlined,
            summary: "参保险种、参保单位与当前状态",
            Page: lazy(() => import("@/pages/person/CoveragePage")),
          },
          {
            path: "contributions",
            title: "我的缴费明细",
            Icon: WalletOutlined,
            summary: "逐月、分险种的缴费与到账情况",
            Page: lazy(() => import("@/pages/person/OwnContributionsPage")),
          },
          {
            path: "certificate",
            title: "我的参保证明",
            Icon: SafetyCertificateOutlined,
            summary: "可核验真伪的参保证明，打印或下载",
            Page: lazy(() => import("@/pages/person/OwnCertificatePage")),
          },
        ],
      },
    ],
  },
  { key: "account", title: accountPage.title, Icon: accountPage.Icon, sections: [{ key: "account-pages", pages: [accountPage] }] },
];

export default function PersonShell({ session }: { session: Session }) {
  return (
    <Frame
      session={session}
      base="/person"
      memory="person.tabs"
      name="个人网厅"
      groups={groups}
      homeTitle="个人首页"
      home={<PersonHome session={session} groups={groups} />}
      login="/login"
    />
  );
}
