/** The attachments of a request: to look at on the page, or to save. */
import { DownloadOutlined, EyeOutlined, PaperClipOutlined } from "@ant-design/icons";
import { Button, Drawer, Skeleton } from "antd";
import { useEffect, useState } from "react";

import { fetchFile } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { ProblemNote } from "@/patterns/ProblemNote";

import type { Attachment } from "./attachments";
import { sizeOf } from "./files";
import styles from "./unit.module.css";

interface Props {
  files: readonly Attachment[];
  urlOf: (file: Attachment) => string;
}

export function AttachmentList({ files, urlOf }: Props) {
  const [shown, setShown] = useState<Attachment>();
  return (
    <>
      <ul className={styles.files} aria-label="附件">
        {files.map((file) => (
          <li key={file.id} className={styles.file}>
            <PaperClipOutlined aria-hidden />
            <span className={styles.name} title={file.file_name}>{file.file_name}</span>
            <small>{sizeOf(file.size)}</small>
            <span className={styles.fileActions}>
              <Button type="link" size="small" icon={<EyeOutlined aria-hidden />} aria-label={`查看${file.file_name}`} onClick={() => setShown(file)}>查看</Button>
            </span>
          </li>
        ))}
      </ul>
      <Drawer open={shown !== undefined} onClose={() => setShown(undefined)} size="min(1000px, 96vw)" title={shown?.file_name} destroyOnHidden>
        {shown && <Viewer key={shown.id} file={shown} url={urlOf(shown)} />}
      </Drawer>
    </>
  );
}

function Viewer({ file, url }: { file: Attachment; url: string }) {
  const [src, setSrc] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    let made: string | undefined;
    let gone = false;
    fetchFile(url)
      .then(({ blob }) => {
        if (gone) return;
        // The hall's word for what it is, not the file's own.
        made = URL.createObjectURL(new Blob([blob], { type: file.media_type }));
        setSrc(made);
      })
      .catch((thrown: unknown) => setProblem(asProblem(thrown)));
    return () => {
      gone = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [file.media_type, url]);
  if (problem) return <ProblemNote problem={problem} />;
  if (src === undefined) return <Skeleton active paragraph={{ rows: 10 }} />;
  return (
    <>
      <div className={styles.viewerBar}>
        <Button icon={<DownloadOutlined aria-hidden />} href={src} download={file.file_name}>下载</Button>
      </div>
      {file.media_type === "application/pdf" ? (
        <iframe className={styles.viewed} src={`${src}#view=FitH&navpanes=0`} title={file.file_name} />
      ) : (
        <img className={styles.viewed} src={src} alt={file.file_name} />
      )}
    </>
  );
}
