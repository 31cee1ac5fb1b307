/** A form in a dialog over its list: what is shown to read, the fields, 取消 (changes nothing) and 提交. */
import { Button, Form, Modal, type FormInstance } from "antd";
import type { ReactNode } from "react";

import { whileBusy } from "./busy";
import styles from "./FormDialog.module.css";
import { useFormName } from "./formName";
import { useSubmission } from "./submission";

interface Props<V extends object, A> {
  title: string;
  form: FormInstance<V>;
  initial: Partial<V>;
  /** What can only be read, above the fields. */
  facts?: ReactNode;
  /** Fields. */
  children: ReactNode;
  /** Sends the values; the key makes repeating it harmless. */
  send: (values: V, idempotencyKey: string) => Promise<A>;
  onSent: (answer: A) => void;
  onClose: () => void;
  /** Offered where somebody else was quicker (412): reads afresh what the dialog shows. */
  onReload?: () => void;
  width?: number;
}

export function FormDialog<V extends object, A>(props: Props<V, A>) {
  const { form, onClose } = props;
  const formName = useFormName();
  const { sending, submit, note, problem, clear } = useSubmission(form, props.send, props.onSent);
  const reload = () => {
    clear();
    props.onReload?.();
  };
  return (
    <Modal
      open
      title={props.title}
      width={props.width ?? 760}
      onCancel={onClose}
      closable={!sending}
      keyboard={!sending}
      mask={{ closable: false }}
      footer={[
        <Button key="cancel" onClick={onClose} disabled={sending}>取消</Button>,
        <Button key="send" type="primary" onClick={() => form.submit()} loading={whileBusy(sending)}>提交</Button>,
      ]}
    >
      <Form<V>
        form={form}
        name={formName}
        layout="vertical"
        initialValues={props.initial}
        validateTrigger={["onBlur", "onSubmit"]}
        scrollToFirstError={{ block: "center", focus: true }}
        onFinish={(values) => void submit(values)}
      >
        {note !== null && (
          <div className={styles.note}>
            {note}
            {problem?.status === 412 && props.onReload && <Button onClick={reload}>载入最新内容</Button>}
          </div>
        )}
        {props.facts}
        <div className={styles.grid}>{props.children}</div>
        <input type="submit" hidden />
      </Form>
    </Modal>
  );
}

/** Takes a whole line of the dialog's fields. */
export function WholeRow({ children }: { children: ReactNode }) {
  return <div className={styles.wholeLine}>{children}</div>;
}
