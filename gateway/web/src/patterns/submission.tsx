/**
 * Sending a form: one submission however often it is sent, faults beside their fields, what has no field said above
 * them. Shared by the form page and the form dialog.
 */
import { Alert, type FormInstance } from "antd";
import { useRef, useState, type ReactNode } from "react";

import { SubmissionKey } from "@/api/idempotency";
import { fieldFor, type FieldName } from "@/api/pointer";
import { asProblem, type FieldFault, type Problem } from "@/api/problem";

import { ProblemNote } from "./ProblemNote";

export interface Submission<V> {
  sending: boolean;
  submit: (values: V) => Promise<void>;
  /** What went wrong last, for above the fields; null when nothing did. */
  note: ReactNode;
  problem: Problem | undefined;
  clear: () => void;
}

export function useSubmission<V extends object, A>(
  form: FormInstance<V>,
  send: (values: V, idempotencyKey: string) => Promise<A>,
  onSent: (answer: A) => void,
): Submission<V> {
  const submission = useRef<SubmissionKey>(null);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [homeless, setHomeless] = useState<readonly FieldFault[]>([]);

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
    if (first) form.scrollToField(first, { block: "center", focus: true });
  };
  const clear = () => {
    setProblem(undefined);
    setHomeless([]);
  };
  const submit = async (values: V) => {
    if (sending) return;
    submission.current ??= new SubmissionKey();
    setSending(true);
    clear();
    try {
      onSent(await submission.current.attempt((key) => send(values, key)));
    } catch (thrown) {
      const refused = asProblem(thrown);
      setProblem(refused);
      showFaults(refused);
    } finally {
      setSending(false);
    }
  };
  return { sending, submit, problem, clear, note: problem ? <FormProblem problem={problem} homeless={homeless} /> : null };
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
            {problem.status === 409 && homeless.length === 0 && <div>{problem.detail}</div>}
            {homeless.map((fault) => (
              <div key={fault.pointer + fault.code}>{fault.message}</div>
            ))}
          </>
        ) : undefined
      }
    />
  );
}
