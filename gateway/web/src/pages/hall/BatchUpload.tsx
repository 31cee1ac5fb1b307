/** Choosing a filled-in template, by a click or by dropping it. */
import { InboxOutlined } from "@ant-design/icons";
import { Alert, Spin, Steps, Upload } from "antd";
import { useState } from "react";

import styles from "./BatchPage.module.css";

const LARGEST_MB = 8;

interface Props {
  act: string;
  busy: boolean;
  onFile: (file: File) => void;
}

export function BatchUpload({ act, busy, onFile }: Props) {
  const [refusal, setRefusal] = useState<string>();
  const take = (file: File) => {
    const why = refuse(file);
    setRefusal(why);
    if (why === undefined) onFile(file);
    return false; // sent by us, with the unit and the key of the submission
  };
  return (
    <section className={styles.card} aria-label="上传文件">
      <Steps
        className={styles.steps ?? ""}
        size="small"
        current={1}
        items={[{ title: "下载模板并填写" }, { title: "上传检查" }, { title: "提交正常数据" }]}
      />
      {refusal !== undefined && <Alert className={styles.refusal ?? ""} role="alert" type="warning" showIcon title={refusal} />}
      <Spin spinning={busy} description="正在上传">
        <Upload.Dragger accept=".xlsx" multiple={false} showUploadList={false} disabled={busy} beforeUpload={take} aria-label={`上传批量${act}文件`}>
          <p className={styles.dropIcon}><InboxOutlined aria-hidden /></p>
          <p className={styles.dropTitle}>点击选择，或将填好的模板拖到这里</p>
          <p className={styles.dropHint}>.xlsx 格式，一次最多 10000 人；同一文件重复上传不会重复申报</p>
        </Upload.Dragger>
      </Spin>
    </section>
  );
}

/** What can be told without sending the file anywhere. */
function refuse(file: File): string | undefined {
  if (!/\.xlsx$/i.test(file.name)) return `“${file.name}”不是 .xlsx 文件，请使用下载的模板填写后上传。`;
  if (file.size === 0) return "文件是空的，请选择填写好的模板文件。";
  if (file.size > LARGEST_MB * 1024 * 1024) return `文件超过 ${LARGEST_MB} MB，请分批上传。`;
  return undefined;
}
