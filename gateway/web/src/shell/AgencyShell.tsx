/** The shell of the agency's side 经办端. */
import {
  AppstoreOutlined,
  AuditOutlined,
  BankOutlined,
  CalculatorOutlined,
  ControlOutlined,
  CreditCardOutlined,
  FileProtectOutlined,
  IdcardOutlined,
  ImportOutlined,
  PercentageOutlined,
  SafetyCertificateOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import { lazy, useMemo } from "react";

import type { Session } from "@/api/types";
import { AgencyHome } from "@/pages/home/AgencyHome";

import { Frame } from "./Frame";
import type { PageGroup } from "./pages";

const reviewing: PageGroup = {
  key: "review",
  title: "审核工作台",
  Icon: AuditOutlined,
  sections: [
    {
      key: "review-pages",
      pages: [
        {
          path: "reviews",
          title: "审核工作台",
          Icon: AuditOutlined,
          summary: "待审核申报的核对与审批",
          Page: lazy(() => import("@/pages/agency/ReviewsPage")),
        },
      ],
    },
  ],
};

const operating: PageGroup[] = [
  {
    key: "assessment",
    title: "核定与到账",
    Icon: CalculatorOutlined,
    sections: [
      {
        key: "assessment-pages",
        pages: [
          {
            path: "assessments",
            title: "缴费核定",
            Icon: CalculatorOutlined,
            summary: "按月核定各单位应缴费用",
            Page: lazy(() => import("@/pages/agency/AssessmentsPage")),
          },
          {
            path: "receipts",
            title: "到账导入",
            Icon: ImportOutlined,
            summary: "导入税务到账明细，逐行核对后入账",
            Page: lazy(() => import("@/pages/agency/ReceiptsPage")),
          },
          {
            path: "rates",
            title: "费率与基数",
            Icon: PercentageOutlined,
            summary: "各险种费率、缴费基数上下限的调整与审批",
            Page: lazy(() => import("@/pages/agency/RatesPage")),
          },
        ],
      },
    ],
  },
  {
    key: "decision-settings",
    title: "审核设置",
    Icon: ControlOutlined,
    sections: [
      {
        key: "decision-settings-pages",
        pages: [
          {
            path: "decision-settings",
            title: "审核设置",
            Icon: ControlOutlined,
            summary: "哪些业务在核对通过后自动审核",
            Page: lazy(() => import("@/pages/agency/DecisionSettingsPage")),
          },
        ],
      },
    ],
  },
  {
    key: "documents",
    title: "证明管理",
    Icon: SafetyCertificateOutlined,
    sections: [
      {
        key: "document-pages",
        pages: [
          {
            path: "documents",
            title: "证明管理",
            Icon: SafetyCertificateOutlined,
            summary: "查找已出具的证明，必要时作废",
            Page: lazy(() => import("@/pages/agency/DocumentsPage")),
          },
        ],
      },
    ],
  },
  {
    key: "employers",
    title: "参保单位",
    Icon: BankOutlined,
    sections: [
      {
        key: "employer-pages",
        pages: [
          {
            path: "employers",
            title: "单位管理",
            Icon: BankOutlined,
            summary: "参保单位的开户、注销与恢复",
            Page: lazy(() => import("@/pages/agency/EmployersPage")),
          },
          {
            path: "kinds",
            title: "单位类型",
            Icon: AppstoreOutlined,
            summary: "各类单位的险种与网上申报开关",
            Page: lazy(() => import("@/pages/agency/KindsPage")),
          },
        ],
      },
    ],
  },
  {
    key: "banks",
    title: "银行名录",
    Icon: CreditCardOutlined,
    sections: [
      {
        key: "bank-pages",
        pages: [
          {
            path: "banks",
            title: "银行名录",
            Icon: CreditCardOutlined,
            summary: "开户网点的查询与导入",
            Page: lazy(() => import("@/pages/agency/BankDirectoryPage")),
          },
        ],
      },
    ],
  },
  {
    key: "staff",
    title: "账号管理",
    Icon: TeamOutlined,
    sections: [
      {
        key: "staff-pages",
        pages: [
          {
            path: "staff",
            title: "人员账号",
            Icon: TeamOutlined,
            summary: "经办机构工作人员账号的开通与停用",
            Page: lazy(() => import("@/pages/agency/StaffPage")),
          },
          {
            path: "holders",
            title: "网厅账号",
            Icon: IdcardOutlined,
            summary: "单位和个人账号的查询与注销",
            Page: lazy(() => import("@/pages/agency/HoldersPage")),
          },
        ],
      },
    ],
  },
  {
    key: "audit",
    title: "审计查询",
    Icon: FileProtectOutlined,
    sections: [
      {
        key: "audit-pages",
        pages: [
          {
            path: "audit",
            title: "审计查询",
            Icon: FileProtectOutlined,
            summary: "谁在何时做了什么，记录可校验",
            Page: lazy(() => import("@/pages/agency/AuditPage")),
          },
        ],
      },
    ],
  },
];

export default function AgencyShell({ session }: { session: Session }) {
  const { kind } = session.account;
  const groups = useMemo(() => (kind === "reviewer" ? [reviewing] : operating), [kind]);
  return (
    <Frame
      session={session}
      staff
      base="/agency"
      memory={`agency.tabs.${kind}`}
      name="医保经办端"
      groups={groups}
      homeTitle="工作首页"
      home={<AgencyHome session={session} groups={groups} />}
      login="/staff/login"
    />
  );
}
