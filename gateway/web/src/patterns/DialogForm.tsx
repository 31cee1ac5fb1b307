/**
 * A short form in a dialog: required marks, the hall's messages beside their fields, typed values kept on a refusal, one
 * submission however often it is sent. 取消 changes nothing.
 */
import { Button, Form, Modal, type FormInstance } from "antd";
import { useRef, useState, type ReactNode } from "react";

import { SubmissionKey } from "@/api/idempotency";
import { fieldFor } from "@/api/pointer";
import { asProblem, type Problem } from "@/api/problem";

import { whileBusy } from "./busy";
import { useFormName } from "./formName";
import { ProblemNote } from "./ProblemNote";

interface Props<V extends object, A> {
  title: string;
  open: boolean;
  form: FormInstance<V>;
  initial: Partial<V>;
  children: ReactNode;
  /** Sends the values; the key makes repeating it harmless. */
  send: (values: V, idempotencyKey: string) => Promise<A>;
  onSent: (answer: A) => void;
  onClose: () => void;
  submitLabel?: string;
  width?: number;
}

export function DialogForm<V extends object, A>(props: Props<V, A>) {
  return (
    <Modal
      title={props.title}
      open={props.open}
      width={props.width ?? 520}
      footer={null}
      onCancel={props.onClose}
      mask={{ closable: false }}
      destroyOnHidden
    >
      <Inner {...props} />
    </Modal>
  );
}

function Inner<V extends object, A>({ form, initial, children, send, onSent, onClose, submitLabel = "确定" }: Props<V, A>) {
  const formName = useFormName();
  const submission = useRef<SubmissionKey>(null);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  const submit = async (values: V) => {
    if (sending) return;
    submission.current ??= new SubmissionKey();
    setSending(true);
    setProblem(undefined);
    try {
      onSent(await submission.current.attempt((key) => send(values, key)));
    } catch (thrown) {
      const refused = asProblem(thrown);
      const fields = form.getFieldsError().map((field) => field.name);
      const placed = refused.errors.map((fault) => ({ name: fieldFor(fault.pointer, fields), errors: [fault.message] }));
      form.setFields(placed.filter(({ name }) => name !== undefined) as never);
      if (placed.length === 0 || placed.some(({ name }) => name === undefined)) setProblem(refused);
    } finally {
      setSending(false);
    }
  };
  return (
    <Form<V>
      form={form}
      name={formName}
      layout="vertical"
      initialValues={initial}
      validateTrigger={["onBlur", "onSubmit"]}
      preserve={false}
      onFinish={(values) => void submit(values)}
    >
      {problem && <ProblemNote problem={problem} />}
      {children}
      <div className="modal-actions">
        <Button onClick={onClose} disabled={sending}>取消</Button>
        <Button type="primary" htmlType="submit" loading={whileBusy(sending)}>{submitLabel}</Button>
      </div>
    </Form>
  );
}
