/** 待审核数据 and 已审核数据: the same search over applications in one of two states. */
import { Button, DatePicker, Form, Input, Select, type TableColumnsType } from "antd";
import type { Dayjs } from "dayjs";
import { useState, type ReactNode } from "react";

import { api, call } from "@/api/client";
import type { Application, ApplicationSearch } from "@/api/types";
import { IdentifierInput } from "@/fields/IdentifierInput";
import { ExportButton } from "@/pages/hall/ExportButton";
import { LookupPage } from "@/patterns/LookupPage";

import { ApplicationDrawer } from "./ApplicationDrawer";
import { applicationColumns, kindOptions, outcomeOptions } from "./applicationColumns";

interface Conditions {
  no?: string;
  id_number?: string;
  name?: string;
  kind?: Application["kind"];
  status?: Application["status"];
  dates?: [Dayjs, Dayjs] | null;
}

interface Props {
  title: string;
  hint: string;
  state: ApplicationSearch["state"];
  emptyText: string;
  extraColumns: TableColumnsType<Application>;
  detailWord: ReactNode;
}

export function ApplicationsLookup({ title, hint, state, emptyText, extraColumns, detailWord }: Props) {
  const [shown, setShown] = useState<string>();
  const columns: TableColumnsType<Application> = [
    ...(applicationColumns as TableColumnsType<Application>),
    ...extraColumns,
    {
      title: "操作",
      key: "actions",
      fixed: "right",
      render: (_, row) => (
        <Button type="link" size="small" onClick={() => setShown(row.no)}>{detailWord}</Button>
      ),
    },
  ];
  return (
    <>
      <LookupPage<Conditions, Application>
        title={title}
        hint={hint}
        queryKey="applications"
        variant={state}
        searchAtOnce
        emptyText={emptyText}
        rowKey={(row) => row.no}
        columns={columns}
        search={(conditions, page, page_size, after) =>
          call(
            api.POST("/api/enrollment/applications/searches", {
              body: { ...bodyOf(conditions), state, page, page_size, ...(after && { after }) },
            }),
          )
        }
        actions={(asked, total) => (
          <ExportButton withNumbers form={asked && total > 0 ? { kind: "applications", applications: { ...bodyOf(asked), state } } : undefined} />
        )}
        conditions={
          <>
            <Form.Item name="id_number" label="证件号码">
              <IdentifierInput allowClear />
            </Form.Item>
            <Form.Item name="name" label="姓名/单位名称">
              <Input allowClear maxLength={100} autoComplete="off" />
            </Form.Item>
            <Form.Item name="kind" label="业务类型">
              <Select allowClear placeholder="全部" options={kindOptions} popupMatchSelectWidth={160} />
            </Form.Item>
            {state === "decided" && (
              <Form.Item name="status" label="审核结果">
                <Select allowClear placeholder="全部" options={outcomeOptions} popupMatchSelectWidth={140} />
              </Form.Item>
            )}
            <Form.Item name="no" label="申报流水号">
              <Input allowClear maxLength={40} autoComplete="off" />
            </Form.Item>
            <Form.Item name="dates" label="提交日期">
              <DatePicker.RangePicker />
            </Form.Item>
          </>
        }
      />
      <ApplicationDrawer no={shown} onClose={() => setShown(undefined)} />
    </>
  );
}

function bodyOf({ no, id_number, name, kind, status, dates }: Conditions): Partial<ApplicationSearch> {
  return {
    ...(id_number && { id_number }),
    ...(name?.trim() && { name: name.trim() }),
    ...(kind && { kind }),
    ...(status && { status }),
    ...(no?.trim() && { no: no.trim() }),
    ...(dates && { from_date: dates[0].format("YYYY-MM-DD"), to_date: dates[1].format("YYYY-MM-DD") }),
  };
}
