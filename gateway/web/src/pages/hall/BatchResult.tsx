/** One batch: how far it is, how many people are good and bad, and why the bad ones are. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, Button, Space, Table, Tag } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Batch, FaultyRow } from "@/api/types";
import { showMoment } from "@/fields/format";
import { whileBusy } from "@/patterns/busy";
import { JobProgress } from "@/patterns/JobProgress";
import { ProblemNote } from "@/patterns/ProblemNote";
import { SaveButton } from "@/patterns/SaveButton";

import { eventsOf, faultyRowsFile, findBatch, STAGES, underWay } from "./batches";
import styles from "./BatchPage.module.css";

interface Props {
  batch: Batch;
  busy: boolean;
  onEnd: (batch: Batch) => void;
  onConfirm: (batch: Batch) => void;
  onAgain: () => void;
}

export function BatchResult({ batch, busy, onEnd, onConfirm, onAgain }: Props) {
  const navigate = useNavigate();
  const [word, colour] = STAGES[batch.stage];
  return (
    <section className={styles.card} aria-label="批次结果" data-stage={batch.stage}>
      <div className={styles.head}>
        <h2 className={styles.file}>{batch.file_name}</h2>
        <Tag color={colour}>{word}</Tag>
        <span className={styles.soft}>{showMoment(batch.uploaded_at)} 上传</span>
        {!underWay(batch) && <Button className={styles.again ?? ""} onClick={onAgain}>上传其他文件</Button>}
      </div>
      {underWay(batch) && (
        <JobProgress<Batch> job={batch} unit="人" eventsUrl={eventsOf(batch)} poll={() => findBatch(batch.id)} onEnd={onEnd} />
      )}
      {batch.file_fault != null && (
        <Alert
          role="alert"
          type="error"
          showIcon
          title="文件不能使用，没有提交任何申报"
          description={
            <ul className={styles.reasons}>
              {batch.file_fault.message.split("；").map((reason) => <li key={reason}>{reason}</li>)}
            </ul>
          }
        />
      )}
      {batch.stage === "expired" && <Alert type="info" showIcon title="该批次的人员数据已超过保留期限并已清除，如仍需办理请重新上传文件。" />}
      {(batch.stage === "checked" || batch.stage === "submitted") && (
        <>
          <Counts batch={batch} />
          <Space wrap className={styles.actions ?? ""}>
            {batch.stage === "checked" && (
              <Button type="primary" size="large" disabled={batch.good === 0} loading={whileBusy(busy)} onClick={() => onConfirm(batch)}>
                提交正常数据
              </Button>
            )}
            {batch.bad > 0 && <SaveButton size="large" url={faultyRowsFile(batch)}>下载错误数据</SaveButton>}
            {batch.submitted > 0 && <Button size="large" onClick={() => void navigate("/hall/pending")}>查看待审核数据</Button>}
          </Space>
          {batch.bad > 0 && <FaultyRows batch={batch} />}
        </>
      )}
    </section>
  );
}

function Counts({ batch }: { batch: Batch }) {
  const counts: readonly (readonly [string, number, string])[] = [
    ["总人数", batch.total, ""],
    ...(batch.submitted > 0 || batch.stage === "submitted" ? [["已提交", batch.submitted, styles.good] as const] : []),
    ...(batch.stage === "checked" ? [["可提交", batch.good, styles.good] as const] : []),
    ["有误", batch.bad, batch.bad > 0 ? styles.bad : ""],
  ].map(([label, number, style]) => [String(label), Number(number), String(style ?? "")] as const);
  return (
    <dl className={styles.counts} role="status">
      {counts.map(([label, number, style]) => (
        <div key={label} className={styles.count}>
          <dt>{label}</dt>
          <dd className={style} data-count={label}>{number}</dd>
        </div>
      ))}
    </dl>
  );
}

function FaultyRows({ batch }: { batch: Batch }) {
  const [paging, setPaging] = useState({ page: 1, size: 20 });
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["batch-faults", batch.id, batch.version, paging],
    queryFn: () =>
      call(
        api.GET("/api/enrollment/batches/{batch_id}/faulty-rows", {
          params: { path: { batch_id: batch.id }, query: { page: paging.page, page_size: paging.size } },
        }),
      ),
    placeholderData: keepPreviousData,
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  return (
    <Table<FaultyRow>
      size="middle"
      rowKey={(row) => row.row}
      dataSource={data?.items ?? []}
      loading={isFetching && data === undefined}
      scroll={{ x: "max-content" }}
      columns={[
        { title: "行号", dataIndex: "row", width: 72, render: (row: number) => <span className="figures">{row}</span> },
        { title: "姓名", dataIndex: "name", width: 120 },
        { title: "证件号码", dataIndex: "id_number_masked", width: 190 },
        {
          title: "错误原因",
          key: "faults",
          render: (_, { faults }) => (
            <ul className={styles.reasons}>
              {faults.map((fault) => (
                <li key={`${fault.column}/${fault.code}`}>
                  {fault.column > 0 && <b>第{fault.column}列 {fault.label}：</b>}
                  {fault.message.startsWith(fault.label) ? fault.message.slice(fault.label.length) : fault.message}
                </li>
              ))}
            </ul>
          ),
        },
      ]}
      pagination={
        batch.bad <= paging.size
          ? false
          : {
              current: paging.page,
              pageSize: paging.size,
              total: data?.total ?? batch.bad,
              showSizeChanger: true,
              pageSizeOptions: [20, 50, 100],
              onChange: (page, size) => setPaging({ page: size === paging.size ? page : 1, size }),
            }
      }
    />
  );
}
