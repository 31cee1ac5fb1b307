/** Uploads of a form: each is sent as soon as it is chosen, and can be taken back. The value is what was taken in. */
import { DeleteOutlined, PaperClipOutlined, UploadOutlined } from "@ant-design/icons";
import { Button, Upload } from "antd";
import { useEffect, useRef, useState } from "react";

import { asProblem } from "@/api/problem";
import { whileBusy } from "@/patterns/busy";

import { discard, upload, type Attachment } from "./attachments";
import { ACCEPTED, MOST, refuse, sizeOf } from "./files";
import styles from "./unit.module.css";

interface Props {
  id?: string;
  value?: readonly Attachment[];
  onChange?: (files: Attachment[]) => void;
}

export function AttachmentsField({ id, value = [], onChange }: Props) {
  const [sending, setSending] = useState(0);
  const [refusals, setRefusals] = useState<readonly string[]>([]);
  const files = useRef<readonly Attachment[]>(value);
  useEffect(() => {
    files.current = value;
  }, [value]);
  const under = useRef(0);

  const take = async (file: File) => {
    const why = files.current.length + under.current >= MOST ? `最多上传 ${MOST} 个附件，“${file.name}”没有上传。` : refuse(file);
    if (why !== undefined) {
      setRefusals((said) => [...said, why]);
      return;
    }
    under.current += 1;
    setSending(under.current);
    try {
      const taken = await upload(file);
      files.current = [...files.current, taken];
      onChange?.([...files.current]);
    } catch (thrown) {
      const problem = asProblem(thrown);
      setRefusals((said) => [...said, `“${file.name}”没有上传：${problem.errors[0]?.message ?? problem.detail}`]);
    } finally {
      under.current -= 1;
      setSending(under.current);
    }
  };
  const remove = (gone: Attachment) => {
    onChange?.(files.current.filter((file) => file.id !== gone.id));
    void discard(gone.id);
  };
  return (
    <div className={styles.upload}>
      <ul className={styles.files} aria-label="已上传的附件">
        {value.map((file) => (
          <li key={file.id} className={styles.file}>
            <PaperClipOutlined aria-hidden />
            <span className={styles.name} title={file.file_name}>{file.file_name}</span>
            <small>{sizeOf(file.size)}</small>
            <span className={styles.fileActions}>
              <Button type="text" size="small" icon={<DeleteOutlined aria-hidden />} aria-label={`删除${file.file_name}`} onClick={() => remove(file)} />
            </span>
          </li>
        ))}
      </ul>
      <div>
        <Upload
          {...(id !== undefined && { id })}
          accept={ACCEPTED}
          multiple
          showUploadList={false}
          disabled={value.length >= MOST}
          beforeUpload={(file, all) => {
            if (file === all[0]) setRefusals([]);
            void take(file);
            return false; // sent by us, with the unit and a key
          }}
        >
          <Button icon={<UploadOutlined aria-hidden />} loading={whileBusy(sending > 0)} disabled={value.length >= MOST}>上传附件</Button>
        </Upload>
      </div>
      {refusals.length > 0 && (
        <ul className={styles.refusals} role="alert">
          {refusals.map((why) => <li key={why}>{why}</li>)}
        </ul>
      )}
    </div>
  );
}
