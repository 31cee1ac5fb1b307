/** The file itself: whether it is, byte for byte, what was issued, and whether its signature holds. */
import { FileProtectOutlined } from "@ant-design/icons";
import { Alert, Upload } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { api, call } from "@/api/client";
import { fileBody } from "@/api/fileBody";
import type { CheckedCopy } from "@/api/types";
import { useAttempt } from "@/patterns/attempt";
import { ProblemNote } from "@/patterns/ProblemNote";

import styles from "./VerifyPage.module.css";

const LARGEST_MB = 18;

const VERDICTS: Readonly<Record<CheckedCopy["verdict"], readonly ["success" | "warning" | "error", string]>> = {
  unchanged: ["success", "文件与签发时完全一致"],
  appended: ["warning", "文件在签发之后附加过内容，签发时的部分没有改动"],
  changed: ["error", "文件带有本机构的签章，但内容已被改动，请勿采信"],
  unknown: ["error", "这不是本系统签发的文件"],
};
const SIGNATURES: Readonly<Record<CheckedCopy["signature"], string>> = {
  valid: "电子签章有效",
  broken: "电子签章与内容不符",
  foreign: "签章不属于本机构",
  none: "文件没有电子签章",
};

export function CopyCheck() {
  const [checked, setChecked] = useState<CheckedCopy>();
  const { busy, problem, attempt } = useAttempt();
  const check = (file: File) => {
    setChecked(undefined);
    return attempt(async () => setChecked(await call(api.POST("/api/reporting/verifications/files", fileBody(file)), { quiet: true })));
  };
  return (
    <section className={styles.copy} aria-label="核验文件">
      <h2>核验 PDF 文件</h2>
      <Upload.Dragger
        accept=".pdf"
        multiple={false}
        showUploadList={false}
        disabled={busy}
        aria-label="选择要核验的 PDF 文件"
        beforeUpload={(file) => {
          void check(file);
          return false;
        }}
      >
        <p className={styles.dropIcon}><FileProtectOutlined aria-hidden /></p>
        <p>{busy ? "正在核验" : "点击选择，或将收到的 PDF 文件拖到这里"}</p>
        <p className={styles.lead}>检查文件是否被改动过，最大 {LARGEST_MB} MB，文件不会被保存</p>
      </Upload.Dragger>
      {problem && <ProblemNote problem={problem} />}
      {checked && <Verdict checked={checked} />}
    </section>
  );
}

function Verdict({ checked }: { checked: CheckedCopy }) {
  const [type, words] = VERDICTS[checked.verdict];
  return (
    <Alert
      className={styles.verdict ?? ""}
      role="status"
      type={type}
      showIcon
      title={words}
      description={
        <>
          <div>{SIGNATURES[checked.signature]}</div>
          {checked.documents.map((document) => (
            <div key={document.code}>
              {document.title} <Link to={`/verify/${document.code}`}>{document.number}</Link>
              {document.revoked ? "（已作废）" : document.expired ? "（已超过有效期）" : ""}
            </div>
          ))}
        </>
      }
    />
  );
}
