/** 批量增员 and 批量减员: upload, see what is good and bad, hand in the good, take the bad back. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useCallback, useRef, useState } from "react";
import { useNavigate } from "react-router";

import { SubmissionKey } from "@/api/idempotency";
import type { Batch, BatchKind } from "@/api/types";
import { useAttempt } from "@/patterns/attempt";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";
import { withStepUp } from "@/session/stepUp";

import { BATCH_WORDS, confirmBatch, uploadBatch } from "./batches";
import { TemplateButton } from "./BatchButtons";
import styles from "./BatchPage.module.css";
import { BatchHistory } from "./BatchHistory";
import { BatchResult } from "./BatchResult";
import { BatchUpload } from "./BatchUpload";

export function BatchPage({ kind }: { kind: BatchKind }) {
  const { act, title, back } = BATCH_WORDS[kind];
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { modal } = App.useApp();
  const [batch, setBatch] = useState<Batch>();
  const { busy, problem, setProblem, attempt } = useAttempt();
  const uploading = useRef<SubmissionKey>(null);
  const confirming = useRef<SubmissionKey>(null);

  const show = useCallback(
    (shown: Batch | undefined) => {
      setBatch(shown);
      void queries.invalidateQueries({ queryKey: ["batches"] });
    },
    [queries],
  );
  const ended = useCallback(
    (shown: Batch) => {
      show(shown);
      if (shown.stage === "submitted") {
        void queries.invalidateQueries({ queryKey: ["applications"] });
        void queries.invalidateQueries({ queryKey: ["batch-faults"] });
      }
    },
    [queries, show],
  );
  const upload = (file: File) => {
    uploading.current = new SubmissionKey(); // another file is another upload
    const key = uploading.current;
    void attempt(async () => show(await key.attempt((value) => uploadBatch(kind, file, value))));
  };
  const confirm = (shown: Batch) => {
    confirming.current ??= new SubmissionKey();
    const key = confirming.current;
    void modal.confirm({
      title: `提交 ${shown.good} 人的${act}申报？`,
      content: shown.bad > 0 ? `另有 ${shown.bad} 人有误，不会提交；可下载错误数据，改正后再上传。` : "提交后由经办机构审核，审核前可撤销。",
      okText: "提交",
      cancelText: "取消",
      // Not awaited: this question closes at once, so that the one for the password is not asked behind it.
      onOk: () => void attempt(async () => show(await key.attempt((value) => withStepUp(() => confirmBatch(shown, value))))),
    });
  };
  const again = () => {
    setProblem(undefined);
    show(undefined);
  };
  return (
    <div className={styles.page}>
      <PageHead
        title={title}
        hint="上传后先逐行检查，确认之前不会提交任何申报。"
        extra={
          <div className={styles.buttons}>
            <Button onClick={() => void navigate(`/hall/${back}`)}>单人{act}</Button>
            <TemplateButton kind={kind} />
          </div>
        }
      />
      {problem && <ProblemNote problem={problem} />}
      {batch === undefined ? (
        <BatchUpload act={act} busy={busy} onFile={upload} />
      ) : (
        <BatchResult key={`${batch.id}/${batch.stage}`} batch={batch} busy={busy} onEnd={ended} onConfirm={confirm} onAgain={again} />
      )}
      <BatchHistory kind={kind} onShow={(shown) => { setProblem(undefined); show(shown); }} />
    </div>
  );
}
