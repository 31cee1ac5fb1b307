/** The frame both shells share: header, menu by business on the left, the opened pages. */
import { HomeOutlined, LogoutOutlined, MenuFoldOutlined, MenuUnfoldOutlined, SettingOutlined, UserOutlined } from "@ant-design/icons";
import { App, Button, Dropdown, Menu, type MenuProps } from "antd";
import { useMemo, useState, type ReactNode } from "react";
import { useLocation, useNavigate } from "react-router";

import { asProblem } from "@/api/problem";
import type { Session } from "@/api/types";
import { IdleGuard } from "@/session/IdleGuard";
import { KIND_NAMES, useLogout } from "@/session/session";

import { accountPage } from "./accountPage";
import styles from "./Frame.module.css";
import { Mark } from "./Mark";
import { pagesOf, type PageGroup, type ShellPage } from "./pages";
import { Workspace } from "./Workspace";

interface Props {
  session: Session;
  base: string;
  memory: string;
  name: string;
  groups: readonly PageGroup[];
  homeTitle: string;
  home: ReactNode;
  /** Right of the name: the unit and its switcher. */
  headerMiddle?: ReactNode;
  login: string;
  /** The agency's side has its own colour. */
  staff?: boolean;
}

export function Frame(props: Props) {
  const { session, base, groups } = props;
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const { message } = App.useApp();
  const logout = useLogout();
  const [folded, setFolded] = useState(() => window.innerWidth < 1100);
  const pages = useMemo(() => [...pagesOf(groups).filter((page) => page !== accountPage), accountPage], [groups]);
  const items = useMemo(() => menuItems(groups, props.homeTitle), [groups, props.homeTitle]);
  const current = pathname.slice(base.length).replace(/^\/|\/$/g, "");
  const kind = KIND_NAMES[session.account.kind] ?? "";

  const leave = () => {
    logout().then(
      () => void navigate(props.login, { replace: true, state: { notice: "您已安全退出。" } }),
      (thrown: unknown) => void message.error(asProblem(thrown).detail),
    );
  };
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#stage">跳到正文</a>
      <header className={props.staff ? styles.staffHeader : styles.header}>
        <Button
          className={styles.fold ?? ""}
          type="text"
          aria-label={folded ? "展开菜单" : "收起菜单"}
          icon={folded ? <MenuUnfoldOutlined aria-hidden /> : <MenuFoldOutlined aria-hidden />}
          onClick={() => setFolded(!folded)}
        />
        <button type="button" className={styles.brand} onClick={() => void navigate(base)}>
          <Mark />
          <span className={styles.name}>{props.name}</span>
          <span className={styles.owner}>宁波市医疗保障</span>
        </button>
        <div className={styles.middle}>{props.headerMiddle}</div>
        <Dropdown
          trigger={["click"]}
          menu={{
            items: [
              { key: "who", disabled: true, label: `${kind}账号：${session.account.username}` },
              { type: "divider" },
              { key: "account", icon: <SettingOutlined aria-hidden />, label: accountPage.title, onClick: () => void navigate(`${base}/${accountPage.path}`) },
              { key: "logout", icon: <LogoutOutlined aria-hidden />, label: "退出登录", onClick: leave },
            ],
          }}
        >
          <button type="button" className={styles.account}>
            <UserOutlined aria-hidden />
            <span>{session.account.display_name}</span>
            <small>{kind}</small>
            <span className="visually-hidden">账号菜单</span>
          </button>
        </Dropdown>
      </header>
      <div className={styles.body}>
        <nav className={folded ? styles.sideFolded : styles.side} aria-label="业务菜单">
          <Menu
            mode="inline"
            inlineCollapsed={folded}
            inlineIndent={16}
            items={items}
            selectedKeys={[current]}
            defaultOpenKeys={groups.flatMap((group) => [group.key, ...group.sections.map((section) => section.key)])}
            onClick={({ key }) => void navigate(`${base}/${key}`)}
          />
        </nav>
        <div className={styles.content} id="stage">
          <Workspace base={base} memory={props.memory} pages={pages} homeTitle={props.homeTitle} home={props.home} />
        </div>
      </div>
      <IdleGuard idleSeconds={session.idle_seconds} />
    </div>
  );
}

type MenuItem = NonNullable<MenuProps["items"]>[number];

function menuItems(groups: readonly PageGroup[], homeTitle: string): MenuItem[] {
  const leaf = (page: ShellPage): MenuItem => ({ key: page.path, label: page.title, icon: <page.Icon aria-hidden /> });
  const entry = (group: PageGroup): MenuItem => {
    const pages = pagesOf([group]);
    const [only] = pages;
    if (only && pages.length === 1 && only.title === group.title) return leaf(only);
    const children = group.sections.flatMap((section): MenuItem[] =>
      section.title === undefined
        ? section.pages.map(leaf)
        : [{ key: section.key, label: section.title, children: section.pages.map(leaf) }],
    );
    return { key: group.key, icon: <group.Icon aria-hidden />, label: group.title, children };
  };
  return [{ key: "", icon: <HomeOutlined aria-hidden />, label: homeTitle }, ...groups.map(entry)];
}
