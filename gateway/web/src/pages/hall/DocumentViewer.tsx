/** A finished document on the page: read, print, save. */
import { DownloadOutlined, PrinterOutlined } from "@ant-design/icons";
import { Button, Drawer, Skeleton, Space, Typography } from "antd";
import { useEffect, useRef, useState } from "react";

import { fetchFile } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { groupCode } from "@/fields/identifiers";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./DocumentViewer.module.css";

interface Props {
  url?: string;
  title?: string;
  code?: string;
  /** Opens the browser's print dialogue as soon as the document is there. */
  printAtOnce?: boolean;
  onClose: () => void;
}

export function DocumentViewer({ url, title = "", code, printAtOnce = false, onClose }: Props) {
  return (
    <Drawer
      open={url !== undefined}
      onClose={onClose}
      size="min(1000px, 96vw)"
      title={title}
      destroyOnHidden
      classNames={{ body: styles.body ?? "" }}
    >
      {url !== undefined && <Sheet key={url} url={url} title={title} code={code} printAtOnce={printAtOnce} />}
    </Drawer>
  );
}

function Sheet({ url, title, code, printAtOnce }: { url: string; title: string; code: string | undefined; printAtOnce: boolean }) {
  const [file, setFile] = useState<{ src: string; name: string }>();
  const [problem, setProblem] = useState<Problem>();
  const frame = useRef<HTMLIFrameElement>(null);

  useEffect(() => {
    let src: string | undefined;
    let gone = false;
    fetchFile(url)
      .then(({ blob, name }) => {
        if (gone) return;
        src = URL.createObjectURL(blob);
        setFile({ src, name: name ?? `${title}.pdf` });
      })
      .catch((thrown: unknown) => setProblem(asProblem(thrown)));
    return () => {
      gone = true;
      if (src !== undefined) URL.revokeObjectURL(src);
    };
  }, [title, url]);

  const print = () => {
    frame.current?.contentWindow?.focus();
    frame.current?.contentWindow?.print();
  };
  if (problem) return <ProblemNote problem={problem} />;
  return (
    <>
      <div className={styles.bar}>
        {code !== undefined && (
          <span>
            校验码 <Typography.Text code copyable className="figures">{groupCode(code)}</Typography.Text>
          </span>
        )}
        <Space className={styles.buttons}>
          <Button icon={<DownloadOutlined aria-hidden />} disabled={!file} href={file?.src} download={file?.name}>下载</Button>
          <Button type="primary" icon={<PrinterOutlined aria-hidden />} disabled={!file} onClick={print}>打印</Button>
        </Space>
      </div>
      {file ? (
        <iframe ref={frame} className={styles.frame} src={`${file.src}#view=FitH&navpanes=0`} title={title} onLoad={printAtOnce ? print : undefined} />
      ) : (
        <Skeleton active paragraph={{ rows: 12 }} />
      )}
    </>
  );
}
