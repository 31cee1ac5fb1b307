/** Services as tiles: the leading group large, the others under 更多服务. */
import { RightOutlined } from "@ant-design/icons";
import { useNavigate } from "react-router";

import type { PageGroup, ShellPage } from "@/shell/pages";

import styles from "./home.module.css";

interface Props {
  base: string;
  groups: readonly PageGroup[];
  /** Key of the group shown first and large; none: all alike. */
  lead?: string;
  moreTitle?: string;
}

export function Tiles({ base, groups, lead, moreTitle }: Props) {
  const leading = groups.find((group) => group.key === lead);
  const others = groups.filter((group) => group !== leading);
  return (
    <>
      {leading && (
        <section className={styles.block} aria-labelledby="lead-title">
          <h2 id="lead-title">{leading.title}</h2>
          <div className={styles.leads}>
            {leading.sections.map((section) => (
              <article key={section.key} className={styles.lead}>
                <header>
                  <leading.Icon aria-hidden />
                  <h3>{section.title ?? leading.title}</h3>
                </header>
                {section.pages.map((page) => (
                  <Entry key={page.path} base={base} page={page} />
                ))}
              </article>
            ))}
          </div>
        </section>
      )}
      {others.length > 0 && (
        <section className={styles.block} aria-labelledby="more-title">
          {moreTitle !== undefined && <h2 id="more-title">{moreTitle}</h2>}
          <div className={styles.tiles}>
            {others
              .flatMap((group) => group.sections.flatMap((section) => section.pages))
              .map((page) => (
                <Tile key={page.path} base={base} page={page} />
              ))}
          </div>
        </section>
      )}
    </>
  );
}

function Entry({ base, page }: { base: string; page: ShellPage }) {
  const navigate = useNavigate();
  return (
    <button type="button" className={styles.entry} onClick={() => void navigate(`${base}/${page.path}`)}>
      <page.Icon aria-hidden />
      <span>
        <b>{page.title}</b>
        <small>{page.summary}</small>
      </span>
      <RightOutlined aria-hidden />
    </button>
  );
}

function Tile({ base, page }: { base: string; page: ShellPage }) {
  const navigate = useNavigate();
  return (
    <button type="button" className={styles.tile} onClick={() => void navigate(`${base}/${page.path}`)}>
      <i><page.Icon aria-hidden /></i>
      <span>
        <b>{page.title}</b>
        <small>{page.summary}</small>
      </span>
    </button>
  );
}
