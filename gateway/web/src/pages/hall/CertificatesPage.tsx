/** 职工参保证明: months → employees → 打印 or 下载. */
import { App, Button, Form, Input, Modal, Space } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import { SubmissionKey } from "@/api/idempotency";
import type { Report, RosterRow } from "@/api/types";
import { MonthField } from "@/fields/DateField";
import { showMonth } from "@/fields/format";
import { IdentifierInput } from "@/fields/IdentifierInput";
import { hasEnded } from "@/patterns/job";
import { JobProgress } from "@/patterns/JobProgress";
import { LookupPage } from "@/patterns/LookupPage";
import { whileBusy } from "@/patterns/busy";

import { DocumentViewer } from "./DocumentViewer";
import { findPeople, type PeopleConditions } from "./people";
import { eventsOf, fileOf, pollReport } from "./reports";

interface Conditions extends PeopleConditions {
  from_month?: string;
  to_month?: string;
}
/** As the reporting service has them: it refuses anything else. */
const FIRST_MONTH = "1990-01";
const MOST_MONTHS = 120;

type Purpose = "show" | "print" | "download";
interface Wanted {
  report: Report;
  purpose: Purpose;
}

export default function CertificatesPage() {
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<string>();
  const [making, setMaking] = useState<Wanted>();
  const [ready, setReady] = useState<Wanted>();
  const { data: online } = useQuery({
    queryKey: ["online-declaration"],
    queryFn: () => call(api.GET("/api/enrollment/online-declaration")),
    staleTime: 300_000,
  });
  const thisMonth = online?.months[0] ?? dayjs().format("YYYY-MM");
  const aYearBack = dayjs(`${thisMonth}-01`).subtract(11, "month").format("YYYY-MM");

  const take = (report: Report, purpose: Purpose) => {
    void queries.invalidateQueries({ queryKey: ["reports"] });
    if (!hasEnded(report)) setMaking({ report, purpose });
    else if (report.status !== "done") setMaking({ report, purpose });
    else {
      setMaking(undefined);
      if (purpose === "download") download(fileOf(report, "attachment"));
      else setReady({ report, purpose });
    }
  };
  const order = async (person: RosterRow, { from_month, to_month }: Conditions, purpose: Purpose) => {
    setAsking(person.person_id + purpose);
    try {
      const key = new SubmissionKey();
      const report = await key.attempt((value) =>
        call(
          api.POST("/api/reporting/reports", {
            headers: { "Idempotency-Key": value, Prefer: "wait=5" },
            body: { kind: "insurance_certificate", person_id: person.person_id, from_month: from_month ?? aYearBack, to_month: to_month ?? thisMonth },
          }),
        ),
      );
      take(report, purpose);
    } catch (thrown) {
      message.error(asProblem(thrown).words);
    } finally {
      setAsking(undefined);
    }
  };
  const [asked, setAsked] = useState<Conditions>({});
  const outside = (day: Dayjs) => day.format("YYYY-MM") > thisMonth || day.format("YYYY-MM") < FIRST_MONTH;

  return (
    <>
      <LookupPage<Conditions, RosterRow>
        key={thisMonth}
        title="职工参保证明"
        hint="选择费款所属期，查询职工后打印或下载。每份证明带有校验码和二维码，三个月内可核验真伪。"
        queryKey="certificate-people"
        rowKey={(row) => row.person_id}
        initial={{ from_month: aYearBack, to_month: thisMonth }}
        refuse={({ from_month, to_month }) => {
          if (!from_month || !to_month) return "请选择费款所属期的起止月份";
          if (from_month > to_month) return "费款所属期的起始月不能晚于截止月";
          return dayjs(`${to_month}-01`).diff(`${from_month}-01`, "month") >= MOST_MONTHS ? `一次最多打印 ${MOST_MONTHS} 个月` : undefined;
        }}
        search={(conditions, page, size, after) => {
          setAsked(conditions);
          return findPeople(conditions, page, size, after);
        }}
        emptyText="没有找到这样的职工"
        conditions={
          <>
            <Form.Item label="费款所属期" required>
              <Space>
                <Form.Item name="from_month" noStyle>
                  <MonthField placeholder="起始月" forbid={outside} />
                </Form.Item>
                至
                <Form.Item name="to_month" noStyle>
                  <MonthField placeholder="截止月" forbid={outside} />
                </Form.Item>
              </Space>
            </Form.Item>
            <Form.Item name="id_number" label="证件号码">
              <IdentifierInput allowClear />
            </Form.Item>
            <Form.Item name="name" label="姓名">
              <Input allowClear maxLength={50} autoComplete="off" />
            </Form.Item>
          </>
        }
        columns={[
          { title: "姓名", dataIndex: "name" },
          { title: "证件号码", dataIndex: "id_number_masked" },
          { title: "参保起始月", dataIndex: "start_month", render: showMonth },
          { title: "证明期间", key: "range", render: () => `${showMonth(asked.from_month)} 至 ${showMonth(asked.to_month)}` },
          {
            title: "操作",
            key: "actions",
            fixed: "right",
            render: (_, row) =>
              (["show", "print", "download"] as const).map((purpose) => (
                <Button
                  key={purpose}
                  type="link"
                  size="small"
                  loading={whileBusy(asking === row.person_id + purpose)}
                  disabled={asking !== undefined && asking !== row.person_id + purpose}
                  onClick={() => void order(row, asked, purpose)}
                >
                  {{ show: "查看", print: "打印", download: "下载" }[purpose]}
                </Button>
              )),
          },
        ]}
      />
      <Modal open={making !== undefined} title="正在生成参保证明" footer={null} onCancel={() => setMaking(undefined)} destroyOnHidden>
        {making && <Making wanted={making} onEnd={(report) => take(report, making.purpose)} />}
      </Modal>
      <DocumentViewer
        {...(ready && { url: fileOf(ready.report, "inline"), title: ready.report.title, printAtOnce: ready.purpose === "print" })}
        {...(ready?.report.verification_code != null && { code: ready.report.verification_code })}
        onClose={() => setReady(undefined)}
      />
    </>
  );
}

function Making({ wanted, onEnd }: { wanted: Wanted; onEnd: (report: Report) => void }) {
  const { report } = wanted;
  if (report.status === "failed") {
    return (
      <p role="alert">
        没有生成成功：{report.error ?? "生成时出现异常"}。可以关闭后重试。
      </p>
    );
  }
  return (
    <>
      <JobProgress<Report>
        job={report}
        eventsUrl={eventsOf(report)}
        poll={() => pollReport(report)}
        onEnd={onEnd}
        waitsFor={(waiting) => waiting.error}
      />
      <p>关闭本窗口不影响生成，完成后可在“报表中心”中找到。</p>
    </>
  );
}

function download(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.click();
}

