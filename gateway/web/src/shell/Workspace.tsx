/** The opened pages as tabs. A page that isn't shown stays as it was: typed values, results, scroll position. */
import { CloseOutlined, HomeOutlined } from "@ant-design/icons";
import { App, Spin, Tabs } from "antd";
import { Activity, Suspense, useEffect, useMemo, useState, type ReactNode } from "react";
import { useLocation, useNavigate } from "react-router";

import NotFoundPage from "@/pages/entrance/NotFoundPage";

import { closed, neighbour, opened, type Tabs as OpenTabs } from "./openTabs";
import { PageFault } from "./PageFault";
import type { ShellPage } from "./pages";
import { PageTabContext } from "./pageTab";
import styles from "./Workspace.module.css";

interface Props {
  /** Address of the shell, e.g. /hall. */
  base: string;
  /** Tells apart what was open for different units. */
  memory: string;
  pages: readonly ShellPage[];
  homeTitle: string;
  home: ReactNode;
}

export function Workspace({ base, memory, pages, homeTitle, home }: Props) {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const current = pathname.slice(base.length).replace(/^\/|\/$/g, "");
  const known = current === "" || pages.some((page) => page.path === current);
  const [tabs, setTabs] = useState<OpenTabs>(() => remembered(memory, pages));
  const [dirty] = useState(() => new Set<string>());

  const shown = known && current !== "" ? opened(tabs, current) : tabs;
  if (shown !== tabs) setTabs(shown);
  useEffect(() => sessionStorage.setItem(memory, JSON.stringify(tabs.open)), [memory, tabs]);
  useEffect(() => {
    const title = pages.find((page) => page.path === current)?.title ?? homeTitle;
    document.title = `${title} · 单位网厅`;
  }, [current, homeTitle, pages]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (dirty.size > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);

  const close = (path: string) => {
    const leave = () => {
      dirty.delete(path);
      if (path === current) void navigate(`${base}/${neighbour(tabs, path) ?? ""}`);
      setTabs((now) => closed(now, path));
    };
    if (!dirty.has(path)) leave();
    else {
      modal.confirm({
        title: "关闭后填写的内容将丢失",
        content: "本页有填写而未提交的内容，确定关闭吗？",
        okText: "关闭",
        cancelText: "继续填写",
        okButtonProps: { danger: true },
        onOk: leave,
      });
    }
  };

  const items = [
    { key: "", label: <><HomeOutlined aria-hidden /> {homeTitle}</>, closable: false },
    ...shown.open.map((path) => ({ key: path, label: pages.find((page) => page.path === path)?.title ?? path })),
  ];
  return (
    <div className={styles.workspace}>
      <nav aria-label="已打开的页面">
        <Tabs
          className={styles.tabs ?? ""}
          type="editable-card"
          hideAdd
          size="small"
          locale={{ removeAriaLabel: "关闭页面" }}
          removeIcon={<CloseOutlined aria-hidden />}
          activeKey={known ? current : "?"}
          items={items}
          onChange={(path) => void navigate(`${base}/${path}`)}
          onEdit={(target, action) => {
            if (action === "remove" && typeof target === "string") close(target);
          }}
        />
      </nav>
      <main className={styles.stage}>
        <Kept show={current === ""} id="" dirty={dirty}>{home}</Kept>
        {shown.open.map((path) => {
          const page = pages.find((other) => other.path === path);
          return (
            page && (
              <Kept key={path} show={path === current} id={path} dirty={dirty}>
                <page.Page />
              </Kept>
            )
          );
        })}
        {!known && <NotFoundPage />}
      </main>
    </div>
  );
}

function Kept({ show, id, dirty, children }: { show: boolean; id: string; dirty: Set<string>; children: ReactNode }) {
  const tab = useMemo(
    () => ({
      setDirty: (value: boolean) => {
        if (value) dirty.add(id);
        else dirty.delete(id);
      },
    }),
    [dirty, id],
  );
  return (
    <Activity mode={show ? "visible" : "hidden"}>
      <div className={styles.page}>
        <PageFault>
          <PageTabContext value={tab}>
            <Suspense fallback={<div className={styles.loading}><Spin description="正在载入" /></div>}>{children}</Suspense>
          </PageTabContext>
        </PageFault>
      </div>
    </Activity>
  );
}

function remembered(memory: string, pages: readonly ShellPage[]): OpenTabs {
  const stored = JSON.parse(sessionStorage.getItem(memory) ?? "[]") as string[];
  return { open: stored.filter((path) => pages.some((page) => page.path === path)) };
}
