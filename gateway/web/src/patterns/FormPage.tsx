/**
 * The form page: required marks, the hall's messages beside their fields, 重置 and 提交, typed values kept whatever
 * happens, one submission however often it is sent. Every page that sends something is one of these.
 */
import { Button, Form, type FormInstance } from "antd";
import { useCallback, useEffect, useRef, type ReactNode } from "react";

import { usePageTab } from "@/shell/pageTab";

import { whileBusy } from "./busy";
import { keepDraft, takeDraft } from "./drafts";
import styles from "./FormPage.module.css";
import { useFormName } from "./formName";
import { PageHead } from "./PageHead";
import { useSubmission } from "./submission";

interface Props<V extends object, A> {
  title: string;
  hint?: ReactNode;
  /** The page's own actions, beside its title. */
  extra?: ReactNode;
  form: FormInstance<V>;
  initial: Partial<V>;
  /** Sections of fields. */
  children: ReactNode;
  /** Sends the values; the key makes repeating it harmless. */
  send: (values: V, idempotencyKey: string) => Promise<A>;
  onSent: (answer: A) => void;
  onReset?: () => void;
  onValuesChange?: (changed: Partial<V>, all: V) => void;
  /** Where typed values wait when the page is left by a session's end. */
  draft?: string;
  /** Why nothing can be sent at present. */
  closed?: ReactNode;
  submitLabel?: string;
}

export function FormPage<V extends object, A>(props: Props<V, A>) {
  const { form, initial, send, onSent, draft } = props;
  const { setDirty } = usePageTab();
  const formName = useFormName();
  const dirty = useRef(false);
  const touch = useCallback(
    (value: boolean) => {
      dirty.current = value;
      setDirty(value);
    },
    [setDirty],
  );

  useEffect(() => {
    if (draft === undefined) return undefined;
    const kept = takeDraft(draft) as V | undefined;
    if (kept) {
      form.setFieldsValue(kept);
      touch(true);
    }
    return () => {
      if (dirty.current) keepDraft(draft, form.getFieldsValue(true));
    };
  }, [draft, form, touch]);

  const { sending, submit, note, clear } = useSubmission(form, send, (answer: A) => {
    touch(false);
    onSent(answer);
  });
  const reset = () => {
    form.resetFields();
    clear();
    touch(false);
    props.onReset?.();
  };

  return (
    <Form<V>
      form={form}
      name={formName}
      layout="vertical"
      className={styles.page}
      initialValues={initial}
      validateTrigger={["onBlur", "onSubmit"]}
      scrollToFirstError={{ block: "center", focus: true }}
      onFinish={(values) => void submit(values)}
      onValuesChange={(changed, all) => {
        touch(true);
        props.onValuesChange?.(changed, all);
      }}
    >
      <PageHead title={props.title} hint={props.hint} extra={props.extra} />
      {props.closed}
      {note}
      {props.children}
      <div className={styles.actions}>
        <span className={styles.note}>
          <i aria-hidden="true">*</i> 为必填项
        </span>
        <Button size="large" onClick={reset} disabled={sending}>重置</Button>
        <Button size="large" type="primary" htmlType="submit" loading={whileBusy(sending)} disabled={props.closed !== undefined}>
          {props.submitLabel ?? "提交"}
        </Button>
      </div>
    </Form>
  );
}

/** A module of a form: heading and its fields in three columns. */
export function FormSection({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <fieldset className={styles.section}>
      <legend className={styles.legend}>
        {title}
        {note !== undefined && <small>{note}</small>}
      </legend>
      <div className={styles.grid}>{children}</div>
    </fieldset>
  );
}

/** Takes a whole line of the section's grid. */
export function WholeLine({ children }: { children: ReactNode }) {
  return <div className={styles.wholeLine}>{children}</div>;
}
