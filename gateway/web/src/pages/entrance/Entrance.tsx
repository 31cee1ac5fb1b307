/** The frame of the pages before the hall: who we are on the left, the task on the right. */
import { FileProtectOutlined, SafetyCertificateOutlined, TeamOutlined } from "@ant-design/icons";
import { useEffect, type ReactNode } from "react";
import { Link } from "react-router";

import { Mark } from "@/shell/Mark";

import styles from "./Entrance.module.css";

interface Props {
  title: string;
  /** The agency's side has its own colour, so that nobody signs in at the wrong door. */
  staff?: boolean;
  wide?: boolean;
  children: ReactNode;
}

const PROMISES = [
  { icon: <TeamOutlined />, title: "增员申报", text: "输入证件号码即知参保情况，填错的地方当场指出" },
  { icon: <FileProtectOutlined />, title: "办理可查", text: "每一件申报都有流水号，审核结果与意见随时可查" },
  { icon: <SafetyCertificateOutlined />, title: "证明可验", text: "参保证明即打即用，扫码即可核验真伪" },
];

export function Entrance({ title, staff = false, wide = false, children }: Props) {
  useEffect(() => {
    document.title = `${title} · 单位网厅`;
  }, [title]);
  return (
    <div className={staff ? styles.staff : styles.entrance}>
      <aside className={styles.brand}>
        <div className={styles.name}>
          <Mark size={48} />
          <div>
            <strong>{staff ? "医保经办端" : "单位网厅"}</strong>
            <span>宁波市医疗保障</span>
          </div>
        </div>
        {!staff && (
          <ul className={styles.promises}>
            {PROMISES.map((promise) => (
              <li key={promise.title}>
                {promise.icon}
                <div>
                  <b>{promise.title}</b>
                  <span>{promise.text}</span>
                </div>
              </li>
            ))}
          </ul>
        )}
        {staff && <p className={styles.staffNote}>供医保经办机构工作人员使用。所有操作均记入审计日志。</p>}
        <svg className={styles.river} viewBox="0 0 600 160" preserveAspectRatio="none" aria-hidden="true">
          <path d="M0 80c100-60 200-60 300 0s200 60 300 0v80H0z" fill="#fff" fillOpacity="0.05" />
          <path d="M0 110c100-50 200-50 300 0s200 50 300 0v50H0z" fill="#5fd3c4" fillOpacity="0.14" />
          <path d="M0 132c100-34 200-34 300 0s200 34 300 0v28H0z" fill="#fff" fillOpacity="0.07" />
        </svg>
      </aside>
      <main className={styles.task}>
        <div className={wide ? styles.cardWide : styles.card}>{children}</div>
        <footer className={styles.foot}>
          <Link to="/verify">证明核验</Link>
          {staff ? <Link to="/login">单位网厅入口</Link> : <Link to="/staff/login">工作人员入口</Link>}
        </footer>
      </main>
    </div>
  );
}
