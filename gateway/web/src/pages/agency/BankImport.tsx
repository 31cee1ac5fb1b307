/** 导入银行名录: upload → check → confirm, with every fault in the file's own row numbers; and earlier imports. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Space, Steps, Table, Tag } from "antd";
import { useRef, useState } from "react";

import { api, call } from "@/api/client";
import { fileBody } from "@/api/fileBody";
import { SubmissionKey } from "@/api/idempotency";
import { asProblem, type Problem } from "@/api/problem";
import type { Answer, Row } from "@/api/types";
import { showMoment } from "@/fields/format";
import { saveFile } from "@/api/saveFile";
import { useAttempt } from "@/patterns/attempt";
import { whileBusy } from "@/patterns/busy";
import { ProblemNote } from "@/patterns/ProblemNote";
import { SaveButton } from "@/patterns/SaveButton";

import styles from "@/pages/hall/BatchPage.module.css";
import { FileDrop } from "@/pages/hall/FileDrop";

type Import = Answer<"/api/employer/bank-imports/{import_id}", "get">;
type FaultyRow = Row<"/api/employer/bank-imports/{import_id}/faulty-rows", "get">;

const STAGES: Readonly<Record<Import["stage"], readonly [string, string]>> = {
  checked: ["待确认", "warning"],
  confirmed: ["已导入", "success"],
  expired: ["已过期", "default"],
};
const PAGE_SIZE = 10;

export function BankImport({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Drawer open={open} onClose={onClose} size="min(960px, 100vw)" title="导入银行名录" destroyOnHidden>
      {open && <Desk />}
    </Drawer>
  );
}

function Desk() {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [shown, setShown] = useState<Import>();
  const { busy, problem, setProblem, attempt } = useAttempt();
  const confirming = useRef<SubmissionKey>(null);

  const tried = async (work: () => Promise<Import>, done?: (made: Import) => void) => {
    await attempt(async () => {
      const made = await work();
      setShown(made);
      done?.(made);
    });
    void queries.invalidateQueries({ queryKey: ["bank-imports"] });
  };
  const take = (file: File) => {
    confirming.current = new SubmissionKey(); // another file is another import
    void tried(() => new SubmissionKey().attempt((key) => sendFile(file, key)));
  };
  const confirm = (checked: Import) => {
    confirming.current ??= new SubmissionKey();
    const key = confirming.current;
    void tried(
      () => key.attempt((value) => confirmImport(checked, value)),
      (made) => {
        message.success(`已导入：新增 ${made.added} 个，更新 ${made.changed} 个网点`);
        void queries.invalidateQueries({ queryKey: ["bank-directory"] });
        void queries.invalidateQueries({ queryKey: ["bank-branches"] });
      },
    );
  };
  return (
    <div className={styles.page}>
      <Steps
        size="small"
        current={shown === undefined ? 1 : shown.stage === "checked" ? 2 : 3}
        items={[{ title: "下载模板并填写" }, { title: "上传检查" }, { title: "确认导入" }]}
      />
      {problem && <ProblemNote problem={problem} />}
      {shown === undefined ? (
        <Space orientation="vertical" style={{ width: "100%" }}>
          <TemplateLink onProblem={setProblem} />
          <FileDrop
            label="上传银行名录"
            title="点击选择，或将文件拖到这里"
            hint=".xlsx 或 .csv 格式，一次最多 20000 行；确认之前名录不变"
            doing="正在检查"
            busy={busy}
            endings={[".xlsx", ".csv"]}
            largestMb={8}
            wanted="填写好的文件"
            advice={{ large: "请分成几个文件上传" }}
            onFile={take}
          />
        </Space>
      ) : (
        <Checked found={shown} busy={busy} onConfirm={() => confirm(shown)} onAgain={() => setShown(undefined)} />
      )}
      <Earlier onShow={(found) => { setProblem(undefined); confirming.current = new SubmissionKey(); setShown(found); }} />
    </div>
  );
}

const sendFile = (file: File, key: string): Promise<Import> =>
  call(
    api.POST("/api/employer/bank-imports/uploads", {
      headers: { "Idempotency-Key": key },
      ...fileBody(file),
    }),
  );

const confirmImport = (found: Import, key: string): Promise<Import> =>
  call(
    api.POST("/api/employer/bank-imports/{import_id}/confirmation", {
      params: { path: { import_id: found.id } },
      headers: { "Idempotency-Key": key, "If-Match": `"v${found.version}"` },
    }),
  );

function TemplateLink({ onProblem }: { onProblem: (problem: Problem) => void }) {
  const fetchIt = () => saveFile("/api/employer/bank-imports/template").catch((thrown: unknown) => onProblem(asProblem(thrown)));
  return <Button onClick={() => void fetchIt()}>下载模板</Button>;
}

interface CheckedProps {
  found: Import;
  busy: boolean;
  onConfirm: () => void;
  onAgain: () => void;
}

function Checked({ found, busy, onConfirm, onAgain }: CheckedProps) {
  const [word, colour] = STAGES[found.stage];
  const counts = [
    ["总行数", found.total, ""],
    ["可导入", found.good, styles.good],
    ["有误", found.bad, found.bad > 0 ? styles.bad : ""],
    ...(found.stage === "confirmed" ? [["新增", found.added, styles.good] as const, ["更新", found.changed, styles.good] as const] : []),
  ] as const;
  return (
    <section aria-label="检查结果" data-stage={found.stage}>
      <div className={styles.head}>
        <h2 className={styles.file}>{found.file_name}</h2>
        <Tag color={colour}>{word}</Tag>
        <span className={styles.soft}>{showMoment(found.uploaded_at)} 上传</span>
        <Button className={styles.again ?? ""} onClick={onAgain} disabled={busy}>上传其他文件</Button>
      </div>
      <dl className={styles.counts} role="status">
        {counts.map(([label, number, style]) => (
          <div key={label} className={styles.count}>
            <dt>{label}</dt>
            <dd className={style} data-count={label}>{number}</dd>
          </div>
        ))}
      </dl>
      <div className={`${styles.buttons ?? ""} ${styles.actions ?? ""}`}>
        {found.stage === "checked" && (
          <Button type="primary" size="large" disabled={found.good === 0} loading={whileBusy(busy)} onClick={onConfirm}>
            确认导入
          </Button>
        )}
        {found.bad > 0 && found.stage !== "expired" && (
          <SaveButton size="large" url={`/api/employer/bank-imports/${found.id}/faulty-rows/file`}>下载错误数据</SaveButton>
        )}
      </div>
      {found.bad > 0 && found.stage !== "expired" && <Faulty id={found.id} total={found.bad} />}
    </section>
  );
}

function Faulty({ id, total }: { id: string; total: number }) {
  const [page, setPage] = useState(1);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["bank-import-faults", id, page],
    queryFn: () =>
      call(
        api.GET("/api/employer/bank-imports/{import_id}/faulty-rows", {
          params: { path: { import_id: id }, query: { page, page_size: PAGE_SIZE } },
        }),
      ),
    placeholderData: keepPreviousData,
  });
  if (error) return <ProblemNote problem={asProblem(error)} retry={() => void refetch()} />;
  return (
    <Table<FaultyRow>
      size="middle"
      rowKey={(row) => row.number}
      dataSource={data?.items ?? []}
      loading={isFetching && data === undefined}
      columns={[
        { title: "行号", dataIndex: "number", width: 72, className: "figures" },
        { title: "联行号", dataIndex: "branch_code", width: 150, className: "figures" },
        { title: "网点简称", dataIndex: "short_name", width: 180 },
        {
          title: "错误原因",
          key: "faults",
          render: (_, { faults }) => (
            <ul className={styles.reasons}>
              {faults.map((fault) => (
                <li key={`${fault.field}/${fault.code}`}><b>{fault.label}：</b>{fault.message}</li>
              ))}
            </ul>
          ),
        },
      ]}
      pagination={{ current: page, pageSize: PAGE_SIZE, total, showSizeChanger: false, hideOnSinglePage: true, onChange: setPage }}
    />
  );
}

function Earlier({ onShow }: { onShow: (found: Import) => void }) {
  const [page, setPage] = useState(1);
  const { data } = useQuery({
    queryKey: ["bank-imports", page],
    queryFn: () => call(api.GET("/api/employer/bank-imports", { params: { query: { page, page_size: PAGE_SIZE } } })),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  if (!data || data.total === 0) return null;
  return (
    <section aria-label="导入记录">
      <h2 className={styles.file}>导入记录</h2>
      <Table<Import>
        size="small"
        rowKey={(found) => found.id}
        dataSource={data.items}
        columns={[
          { title: "上传时间", dataIndex: "uploaded_at", render: showMoment },
          { title: "文件", dataIndex: "file_name", ellipsis: true },
          { title: "状态", dataIndex: "stage", render: (stage: Import["stage"]) => <Tag color={STAGES[stage][1]}>{STAGES[stage][0]}</Tag> },
          { title: "行数", dataIndex: "total", className: "figures" },
          { title: "有误", dataIndex: "bad", className: "figures" },
          { title: "操作", key: "actions", render: (_, found) => <Button type="link" size="small" onClick={() => onShow(found)}>查看</Button> },
        ]}
        pagination={{ current: page, pageSize: PAGE_SIZE, total: data.total, showSizeChanger: false, hideOnSinglePage: true, onChange: setPage }}
      />
    </section>
  );
}
