/** Choosing a filled-in template. */
import { Steps } from "antd";

import styles from "./BatchPage.module.css";
import { FileDrop } from "./FileDrop";

interface Props {
  act: string;
  busy: boolean;
  onFile: (file: File) => void;
}

export function BatchUpload({ act, busy, onFile }: Props) {
  return (
    <section className={styles.card} aria-label="上传文件">
      <Steps
        className={styles.steps ?? ""}
        size="small"
        current={1}
        items={[{ title: "下载模板并填写" }, { title: "上传检查" }, { title: "提交正常数据" }]}
      />
      <FileDrop
        label={`上传批量${act}文件`}
        title="点击选择，或将填好的模板拖到这里"
        hint=".xlsx 格式，一次最多 10000 人；同一文件重复上传不会重复申报"
        doing="正在上传"
        busy={busy}
        endings={[".xlsx"]}
        largestMb={8}
        wanted="填写好的模板文件"
        advice={{ other: "，请使用下载的模板填写后上传", large: "请分批上传" }}
        onFile={onFile}
      />
    </section>
  );
}
