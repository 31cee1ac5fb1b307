/** Paging of a list too long to be counted: back, on, how many on a page. */
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";

import styles from "./LookupPage.module.css";

interface Props {
  page: number;
  size: number;
  sizes: readonly number[];
  /** While the page is being fetched, on and back are closed: its end isn't known yet. */
  busy: boolean;
  onSize: (size: number) => void;
  onBack?: () => void;
  onNext?: () => void;
}

export function LongPager({ page, size, sizes, busy, onSize, onBack, onNext }: Props) {
  return (
    <nav className={styles.pager} aria-label="翻页">
      <Button icon={<LeftOutlined aria-hidden />} disabled={busy || !onBack} onClick={onBack}>上一页</Button>
      <span aria-current="page">第 {page} 页</span>
      <Button icon={<RightOutlined aria-hidden />} iconPlacement="end" disabled={busy || !onNext} onClick={onNext}>下一页</Button>
      <Select
        aria-label="每页条数"
        value={size}
        onChange={onSize}
        options={sizes.map((value) => ({ value, label: `${value} 条/页` }))}
      />
    </nav>
  );
}
