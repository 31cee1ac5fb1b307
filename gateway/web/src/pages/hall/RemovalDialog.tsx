/** 人员信息: who leaves, why, and what that means. */
import { Alert, App, Descriptions, Form, Input } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import dayjs from "dayjs";

import { api, call } from "@/api/client";
import type { Application, RemovableRow, RemovalForm } from "@/api/types";
import { CodeSelect } from "@/fields/CodeSelect";
import { DateField, MonthField } from "@/fields/DateField";
import { useNames } from "@/fields/dictionaries";
import { showMonth } from "@/fields/format";
import { FormDialog, WholeRow } from "@/patterns/FormDialog";

import { DEATH, outlook, RETIREMENT } from "./removals";

const OTHER = "09";
const EVENTS: Readonly<Record<string, string>> = { [RETIREMENT]: "退休日期", [DEATH]: "死亡日期" };

type Fields = Pick<RemovalForm, "removal">;

interface Props {
  who: RemovableRow;
  stopMonth: string;
  onClose: () => void;
}

export function RemovalDialog({ who, stopMonth, onClose }: Props) {
  const name = useNames();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const reason = Form.useWatch(["removal", "reason"], form) as string | undefined;
  const event = reason === undefined ? undefined : EVENTS[reason];
  return (
    <FormDialog<Fields, Application>
      title="人员信息"
      form={form}
      initial={{ removal: { stop_month: stopMonth } } as Partial<Fields>}
      facts={
        <Descriptions
          bordered
          size="small"
          column={{ xs: 1, sm: 2 }}
          items={[
            { key: "name", label: "姓名", children: who.name },
            { key: "number", label: "证件号码", children: <span className="figures">{who.id_number_masked}</span> },
            { key: "start", label: "参保起始月", children: showMonth(who.start_month) },
            { key: "insurances", label: "险种", children: who.insurances.map((code) => name("insurance_types", code)).join("、") },
          ]}
        />
      }
      send={(values, key) =>
        call(
          api.POST("/api/enrollment/removals", {
            headers: { "Idempotency-Key": key },
            body: { person_id: who.person_id, removal: values.removal },
          }),
        )
      }
      onSent={(application) => {
        message.success(`减员申报已提交，等待审核。申报流水号 ${application.no}`, 6);
        void queries.invalidateQueries({ queryKey: ["removable"] });
        void queries.invalidateQueries({ queryKey: ["applications"] });
        onClose();
      }}
      onClose={onClose}
    >
      <Form.Item name={["removal", "reason"]} label="停保原因" rules={[{ required: true, message: "请选择停保原因" }]}>
        <CodeSelect table="removal_reasons" />
      </Form.Item>
      <Form.Item name={["removal", "stop_month"]} label="停保月份" required extra="仅限当月">
        <MonthField disabled />
      </Form.Item>
      <Form.Item
        key={event ?? "event"}
        name={["removal", "event_date"]}
        label={event ? `事件日期（${event}）` : "事件日期"}
        required={event !== undefined}
        dependencies={[["removal", "reason"]]}
        rules={[{ required: event !== undefined, message: `请填写${event ?? "事件日期"}` }]}
      >
        <DateField forbid={(day) => day.isAfter(dayjs(), "day")} />
      </Form.Item>
      <WholeRow>
        <Form.Item
          name={["removal", "remark"]}
          label="备注"
          required={reason === OTHER}
          dependencies={[["removal", "reason"]]}
          rules={[{ required: reason === OTHER, whitespace: true, message: "停保原因为“其他”时请填写备注" }]}
        >
          <Input.TextArea maxLength={500} showCount rows={2} />
        </Form.Item>
      </WholeRow>
      <WholeRow>
        <Alert type="info" showIcon role="status" title={outlook(reason, who.start_month, stopMonth)} />
      </WholeRow>
    </FormDialog>
  );
}
