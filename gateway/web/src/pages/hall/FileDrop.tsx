/** Choosing a file, by a click or by dropping it; what can be told without sending it anywhere is told at once. */
import { InboxOutlined } from "@ant-design/icons";
import { Alert, Spin, Upload } from "antd";
import { useState } from "react";

import styles from "./BatchPage.module.css";

interface Props {
  label: string;
  title: string;
  hint: string;
  /** What is going on while it is `busy`. */
  doing: string;
  busy: boolean;
  endings: readonly string[];
  largestMb: number;
  /** What the file should be, for whoever chose another one. */
  wanted: string;
  /** What to do about a file of another kind, and about one that is too large. */
  advice: { other?: string; large: string };
  onFile: (file: File) => void;
}

export function FileDrop({ label, title, hint, doing, busy, endings, largestMb, wanted, advice, onFile }: Props) {
  const [refusal, setRefusal] = useState<string>();
  const refuse = (file: File): string | undefined => {
    if (!endings.some((ending) => file.name.toLowerCase().endsWith(ending))) {
      return `“${file.name}”不是 ${endings.join(" 或 ")} 文件${advice.other ?? ""}。`;
    }
    if (file.size === 0) return `文件是空的，请选择${wanted}。`;
    if (file.size > largestMb * 1024 * 1024) return `文件超过 ${largestMb} MB，${advice.large}。`;
    return undefined;
  };
  const take = (file: File) => {
    const why = refuse(file);
    setRefusal(why);
    if (why === undefined) onFile(file);
    return false; // sent by us, with the unit and the key of the submission
  };
  return (
    <>
      {refusal !== undefined && <Alert className={styles.refusal ?? ""} role="alert" type="warning" showIcon title={refusal} />}
      <Spin spinning={busy} description={doing}>
        <Upload.Dragger accept={endings.join(",")} multiple={false} showUploadList={false} disabled={busy} beforeUpload={take} aria-label={label}>
          <p className={styles.dropIcon}><InboxOutlined aria-hidden /></p>
          <p className={styles.dropTitle}>{title}</p>
          <p className={styles.dropHint}>{hint}</p>
        </Upload.Dragger>
      </Spin>
    </>
  );
}
