/** The pages of the unit hall by business. Each later page adds its line here and appears in menu, tiles and tabs. */
import {
  AccountBookOutlined,
  ApiOutlined,
  AuditOutlined,
  BankOutlined,
  EditOutlined,
  FileDoneOutlined,
  FileProtectOutlined,
  FileSearchOutlined,
  FolderOpenOutlined,
  IdcardOutlined,
  PrinterOutlined,
  SafetyCertificateOutlined,
  SearchOutlined,
  SolutionOutlined,
  TeamOutlined,
  UserAddOutlined,
  UsergroupAddOutlined,
  UsergroupDeleteOutlined,
  UserDeleteOutlined,
  WalletOutlined,
} from "@ant-design/icons";
import { lazy } from "react";

import type { PageGroup } from "./pages";

export const hallGroups: readonly PageGroup[] = [
  {
    key: "services",
    title: "参保单位服务",
    Icon: IdcardOutlined,
    sections: [
      {
        key: "registration",
        title: "职工参保登记",
        pages: [
          {
            path: "additions",
            title: "参保人员增员申报",
            Icon: UserAddOutlined,
            permission: "declare",
            summary: "为新进职工办理参保，当月或次月起生效",
            Page: lazy(() => import("@/pages/hall/AdditionPage")),
          },
          {
            path: "removals",
            title: "参保人员减员申报",
            Icon: UserDeleteOutlined,
            permission: "declare",
            summary: "职工离职、退休等停保，当月办理",
            Page: lazy(() => import("@/pages/hall/RemovalPage")),
          },
          {
            path: "maintenance",
            title: "参保人员信息维护",
            Icon: SolutionOutlined,
            permission: "maintain",
            summary: "在保人员的户籍与联系信息",
            Page: lazy(() => import("@/pages/hall/MaintenancePage")),
          },
          {
            path: "batch-additions",
            title: "批量增员申报",
            Icon: UsergroupAddOutlined,
            permission: "declare",
            summary: "按模板上传，逐行检查后一次提交",
            Page: lazy(() => import("@/pages/hall/BatchAdditionsPage")),
          },
          {
            path: "batch-removals",
            title: "批量减员申报",
            Icon: UsergroupDeleteOutlined,
            permission: "declare",
            summary: "按模板上传，逐行检查后一次提交",
            Page: lazy(() => import("@/pages/hall/BatchRemovalsPage")),
          },
        ],
      },
    ],
  },
  {
    key: "unit",
    title: "单位信息管理",
    Icon: BankOutlined,
    sections: [
      {
        key: "unit-info",
        pages: [
          {
            path: "unit",
            title: "单位信息",
            Icon: BankOutlined,
            permission: "query",
            summary: "单位基本、联系与注册信息",
            Page: lazy(() => import("@/pages/hall/UnitPage")),
          },
          {
            path: "unit-maintenance",
            title: "单位信息维护",
            Icon: EditOutlined,
            permission: "maintain",
            summary: "联系信息与银行账户，提交后立即生效",
            Page: lazy(() => import("@/pages/hall/UnitMaintenancePage")),
          },
          {
            path: "unit-change",
            title: "单位信息变更",
            Icon: AuditOutlined,
            permission: "maintain",
            summary: "名称、证照、法人等登记事项，审核后生效",
            Page: lazy(() => import("@/pages/hall/RegistrationChangePage")),
          },
        ],
      },
    ],
  },
  {
    key: "lookups",
    title: "业务查询",
    Icon: SearchOutlined,
    sections: [
      {
        key: "lookup-pages",
        pages: [
          {
            path: "pending",
            title: "待审核数据",
            Icon: FileSearchOutlined,
            permission: "query",
            summary: "已提交、等待经办机构审核的申报",
            Page: lazy(() => import("@/pages/hall/PendingPage")),
          },
          {
            path: "decided",
            title: "已审核数据",
            Icon: FileDoneOutlined,
            permission: "query",
            summary: "审核结果、意见与办理时间",
            Page: lazy(() => import("@/pages/hall/DecidedPage")),
          },
          {
            path: "roster",
            title: "单位参保人员名单",
            Icon: TeamOutlined,
            permission: "query",
            summary: "在保职工与其参保关系",
            Page: lazy(() => import("@/pages/hall/RosterPage")),
          },
          {
            path: "contributions",
            title: "职工缴费明细",
            Icon: WalletOutlined,
            permission: "query",
            summary: "逐月、分险种的缴费与到账情况",
            Page: lazy(() => import("@/pages/hall/ContributionsPage")),
          },
          {
            path: "unit-contributions",
            title: "单位缴费明细",
            Icon: AccountBookOutlined,
            permission: "query",
            summary: "按费款所属期或险种汇总的应缴与到账",
            Page: lazy(() => import("@/pages/hall/UnitContributionsPage")),
          },
        ],
      },
    ],
  },
  {
    key: "printing",
    title: "报表打印",
    Icon: PrinterOutlined,
    sections: [
      {
        key: "print-pages",
        pages: [
          {
            path: "certificates",
            title: "职工参保证明",
            Icon: SafetyCertificateOutlined,
            permission: "print",
            summary: "可核验真伪的参保证明，打印或下载",
            Page: lazy(() => import("@/pages/hall/CertificatesPage")),
          },
          {
            path: "employer-certificate",
            title: "单位缴费查询打印",
            Icon: FileProtectOutlined,
            permission: "print",
            summary: "按费款所属期打印单位缴费证明",
            Page: lazy(() => import("@/pages/hall/EmployerCertificatePage")),
          },
          {
            path: "contribution-list",
            title: "单位参保人员缴费查询打印",
            Icon: PrinterOutlined,
            permission: "print",
            summary: "职工缴费明细表，一人或全部人员",
            Page: lazy(() => import("@/pages/hall/ContributionListPage")),
          },
          {
            path: "reports",
            title: "报表中心",
            Icon: FolderOpenOutlined,
            summary: "已生成的报表、导出文件与进度",
            Page: lazy(() => import("@/pages/hall/ReportsPage")),
          },
        ],
      },
    ],
  },
  {
    key: "authority",
    title: "授权管理",
    Icon: SolutionOutlined,
    sections: [
      {
        key: "authority-pages",
        pages: [
          {
            path: "agents",
            title: "经办人管理",
            Icon: UsergroupAddOutlined,
            kind: "legal_representative",
            summary: "邀请经办人，调整或解除其权限",
            Page: lazy(() => import("@/pages/hall/AgentsPage")),
          },
          {
            path: "api-keys",
            title: "接口密钥",
            Icon: ApiOutlined,
            kind: "legal_representative",
            summary: "供本单位人事系统直接办理业务",
            Page: lazy(() => import("@/pages/hall/ApiKeysPage")),
          },
          {
            path: "my-mandates",
            title: "我的授权",
            Icon: SolutionOutlined,
            kind: "agent",
            summary: "收到的邀请与正在经办的单位",
            Page: lazy(() => import("@/pages/hall/MyMandatesPage")),
          },
        ],
      },
    ],
  },
];
