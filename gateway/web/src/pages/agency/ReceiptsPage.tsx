/** 到账导入: the tax authority's file, uploaded, checked line by line, and booked once it was confirmed. */
import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Steps, Tag } from "antd";
import { useCallback, useState } from "react";

import { SubmissionKey } from "@/api/idempotency";
import type { ReceiptImport } from "@/api/types";
import { showMoment, showMoney } from "@/fields/format";
import styles from "@/pages/hall/BatchPage.module.css";
import { FileDrop } from "@/pages/hall/FileDrop";
import { useAttempt } from "@/patterns/attempt";
import { whileBusy } from "@/patterns/busy";
import { JobProgress } from "@/patterns/JobProgress";
import { PageHead } from "@/patterns/PageHead";
import { ProblemNote } from "@/patterns/ProblemNote";

import { ReceiptHistory } from "./ReceiptHistory";
import { ReceiptLines } from "./ReceiptLines";
import { bookable, confirmReceipts, findImport, linesOf, RECEIPT_STAGES, underWay, uploadReceipts } from "./receipts";

export default function ReceiptsPage() {
  const queries = useQueryClient();
  const { modal } = App.useApp();
  const [shown, setShown] = useState<ReceiptImport>();
  const { busy, problem, setProblem, attempt } = useAttempt();
  const show = useCallback(
    (found: ReceiptImport | undefined) => {
      setShown(found);
      void queries.invalidateQueries({ queryKey: ["receipt-imports"] });
    },
    [queries],
  );
  const upload = (file: File) => {
    const key = new SubmissionKey(); // another file is another upload
    void attempt(async () => show(await key.attempt((value) => uploadReceipts(file, value))));
  };
  const confirm = (found: ReceiptImport) => {
    const key = new SubmissionKey();
    const again = found.stage === "booked";
    void modal.confirm({
      title: again ? `重新匹配 ${linesOf(found, "unknown")} 行？` : `确认 ${bookable(found)} 行入账？`,
      content: again ? "按现在的核定情况再次匹配，能匹配的立即入账。" : "入账后对应缴费的到账状态随之更新；未匹配、重复和有误的行不会入账。",
      okText: again ? "重新匹配" : "确认入账",
      cancelText: "取消",
      onOk: () => attempt(async () => show(await key.attempt((value) => confirmReceipts(found, value)))),
    });
  };
  const again = () => {
    setProblem(undefined);
    show(undefined);
  };
  return (
    <div className={styles.page}>
      <PageHead title="到账导入" hint="导入税务机关的到账明细。上传后逐行核对，确认之前不会入账；同一文件或同一笔缴款重复上传不会重复入账。" />
      {problem && <ProblemNote problem={problem} />}
      {shown === undefined ? (
        <ReceiptUpload busy={busy} onFile={upload} />
      ) : (
        <Result key={`${shown.id}/${shown.stage}/${shown.version}`} found={shown} busy={busy} onEnd={show} onConfirm={confirm} onAgain={again} />
      )}
      <ReceiptHistory
        onShow={(found) => {
          setProblem(undefined);
          show(found);
        }}
      />
    </div>
  );
}

function ReceiptUpload({ busy, onFile }: { busy: boolean; onFile: (file: File) => void }) {
  return (
    <section className={styles.card} aria-label="上传文件">
      <Steps className={styles.steps ?? ""} size="small" current={0} items={[{ title: "上传到账文件" }, { title: "逐行核对" }, { title: "确认入账" }]} />
      <FileDrop
        label="上传到账文件"
        title="点击选择，或将到账文件拖到这里"
        hint=".xlsx 或 .csv，需有列：单位编号、费款所属期、险种类型、到账金额、到账日期、缴款流水号"
        doing="正在上传"
        busy={busy}
        endings={[".xlsx", ".csv"]}
        largestMb={16}
        wanted="到账文件"
        advice={{ large: "请分成几个文件上传" }}
        onFile={onFile}
      />
    </section>
  );
}

interface ResultProps {
  found: ReceiptImport;
  busy: boolean;
  onEnd: (found: ReceiptImport) => void;
  onConfirm: (found: ReceiptImport) => void;
  onAgain: () => void;
}

function Result({ found, busy, onEnd, onConfirm, onAgain }: ResultProps) {
  const [word, colour] = RECEIPT_STAGES[found.stage];
  const settled = found.stage === "checked" || found.stage === "booked";
  return (
    <section className={styles.card} aria-label="到账批次" data-stage={found.stage}>
      <div className={styles.head}>
        <h2 className={styles.file}>{found.file_name}</h2>
        <Tag color={colour}>{word}</Tag>
        <span className={styles.soft}>{found.uploaded_by_name} {showMoment(found.uploaded_at)} 上传</span>
        {!underWay(found) && <Button className={styles.again ?? ""} onClick={onAgain}>上传其他文件</Button>}
      </div>
      {underWay(found) && (
        <JobProgress<ReceiptImport>
          job={found}
          unit="行"
          eventsUrl={`/api/employer/receipt-imports/${found.id}/events`}
          poll={() => findImport(found.id)}
          onEnd={onEnd}
        />
      )}
      {found.file_fault != null && (
        <Alert role="alert" type="error" showIcon title="文件不能使用，没有入账" description={found.file_fault.message} />
      )}
      {settled && (
        <>
          <dl className={styles.counts} role="status">
            {found.outcomes.map((outcome) => (
              <div key={outcome.outcome} className={styles.count}>
                <dt>{outcome.outcome_name}</dt>
                <dd data-count={outcome.outcome_name}>{outcome.lines}</dd>
                <div className={styles.soft}>{outcome.outcome === "faulty" ? "行" : `${showMoney(outcome.amount)} 元`}</div>
              </div>
            ))}
          </dl>
          <div className={`${styles.buttons ?? ""} ${styles.actions ?? ""}`}>
            {found.stage === "checked" && (
              <Button type="primary" size="large" disabled={bookable(found) === 0} loading={whileBusy(busy)} onClick={() => onConfirm(found)}>
                确认入账
              </Button>
            )}
            {found.stage === "booked" && linesOf(found, "unknown") > 0 && (
              <Button size="large" loading={whileBusy(busy)} onClick={() => onConfirm(found)}>重新匹配</Button>
            )}
          </div>
          <ReceiptLines found={found} />
        </>
      )}
    </section>
  );
}
