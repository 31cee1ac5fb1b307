/**
 * The form page: required marks, the hall's messages beside their fields, 重置 and 提交, typed values kept whatever
 * happens, one submission however often it is sent. Every page that sends something is one of these.
 */
import { Alert, Button, Form, type FormInstance } from "antd";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";

import { SubmissionKey } from "@/api/idempotency";
import { fieldFor, type FieldName } from "@/api/pointer";
import { asProblem, type FieldFault, type Problem } from "@/api/problem";
import { usePageTab } from "@/shell/pageTab";

import { whileBusy } from "./busy";
import { keepDraft, takeDraft } from "./drafts";
import styles from "./FormPage.module.css";
import { useFormName } from "./formName";
import { PageHead } from "./PageHead";
import { ProblemNote } from "./ProblemNote";

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
  const submission = useRef<SubmissionKey>(null);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [homeless, setHomeless] = useState<readonly FieldFault[]>([]);
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

  const toField = (name: FieldName) => form.scrollToField(name, { block: "center", focus: true });

  const showFaults = (thrown: Problem) => {
    const fields = form.getFieldsError().map((field) => field.name);
    const without: FieldFault[] = [];
    let first: FieldName | undefined;
    for (const fault of thrown.errors) {
      const name = fieldFor(fault.pointer, fields);
      if (name) {
        form.setFields([{ name: name as never, errors: [fault.message] }]);
        first ??= name;
      } else without.push(fault);
    }
    setHomeless(without);
    if (first) toField(first);
  };

  const submit = async (values: V) => {
    if (sending) return;
    submission.current ??= new SubmissionKey();
    setSending(true);
    setProblem(undefined);
    setHomeless([]);
    try {
      const answer = await submission.current.attempt((key) => send(values, key));
      touch(false);
      onSent(answer);
    } catch (thrown) {
      const refused = asProblem(thrown);
      setProblem(refused);
      showFaults(refused);
    } finally {
      setSending(false);
    }
  };
  const reset = () => {
    form.resetFields();
    setProblem(undefined);
    setHomeless([]);
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
      {problem && <FormProblem problem={problem} homeless={homeless} />}
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

function FormProblem({ problem, homeless }: { problem: Problem; homeless: readonly FieldFault[] }) {
  const atFields = problem.errors.length - homeless.length;
  if (atFields === 0 && homeless.length === 0) return <ProblemNote problem={problem} />;
  return (
    <Alert
      role="alert"
      type="error"
      showIcon
      title={atFields > 0 ? `有 ${atFields} 处需要修改，已在对应栏目下标出` : problem.title}
      description={
        homeless.length > 0 || problem.status === 409 ? (
          <>
            {problem.status === 409 && <div>{problem.detail}</div>}
            {homeless.map((fault) => (
              <div key={fault.pointer + fault.code}>{fault.message}</div>
            ))}
          </>
        ) : undefined
      }
    />
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
