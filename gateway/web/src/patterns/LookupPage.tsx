/**
 * The look-up page: conditions with 重置 and 查询, a table with row actions, a place for 导出, paging.
 * Every page that finds and lists things is one of these. A list too long to be counted is paged step by step.
 */
import { ReloadOutlined, SearchOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Empty, Form, Space, Table, type TableColumnsType } from "antd";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { fieldFor } from "@/api/pointer";
import { asProblem, type Problem } from "@/api/problem";

import { whileBusy } from "./busy";
import styles from "./LookupPage.module.css";
import { useFormName } from "./formName";
import { LongPager } from "./LongPager";
import { PageHead } from "./PageHead";
import { ProblemNote } from "./ProblemNote";

export interface Listed<R> {
  readonly items: readonly R[];
  /** Null where it wasn't counted again: on the way through a long list. */
  readonly total: number | null;
  /** There are more than `total`: nobody counted them to the end. */
  readonly more_than_total?: boolean | null;
  /** Where the next page begins, in a list that can be long. */
  readonly next?: string | null;
}

interface Paging {
  page: number;
  size: number;
  /** Where the pages after the first one begin, up to this one; empty while paging by number. */
  trail: readonly string[];
}

interface Props<C extends object, R extends object> {
  title: string;
  hint?: ReactNode;
  /** The page's own actions, beside its title. */
  extra?: ReactNode;
  /** First part of the query's key; invalidating it refreshes the list. */
  queryKey: string;
  /** Tells pages apart that share it: without conditions they would ask the same. */
  variant?: string;
  /** Form.Items of the conditions; leave out for a page without any. */
  conditions?: ReactNode;
  initial?: Partial<C>;
  search: (conditions: C, page: number, pageSize: number, after?: string) => Promise<Listed<R>>;
  /** The columns; a function where they depend on what was asked for. */
  columns: TableColumnsType<R> | ((asked: C | undefined) => TableColumnsType<R>);
  rowKey: (row: R) => string;
  /** Search as soon as the page opens. Otherwise the list stays empty until 查询. */
  searchAtOnce?: boolean;
  /** Refuses a search before it is sent: a message, or undefined. */
  refuse?: (conditions: C) => string | undefined;
  emptyText?: string;
  /** Rows that can be ticked, across pages: which are, and who hears of a change. */
  selection?: (asked: C | undefined) => { picked: readonly R[]; onPick: (rows: readonly R[]) => void } | undefined;
  /** 导出 and other actions on the whole list. */
  actions?: (conditions: C | undefined, total: number) => ReactNode;
  /** Seconds between silent refreshes while this says so. */
  refreshWhile?: (items: readonly R[]) => boolean;
  /** Milliseconds between silent refreshes of a list that others work on too. */
  refreshEvery?: number;
  footer?: (items: readonly R[]) => ReactNode;
}

const PAGE_SIZES = [10, 20, 50, 100];

export function LookupPage<C extends object, R extends object>(props: Props<C, R>) {
  const { title, hint, queryKey, conditions, initial, search, columns, rowKey, searchAtOnce = false, refuse } = props;
  const [form] = Form.useForm<C>();
  const formName = useFormName();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<C | undefined>(searchAtOnce ? ((initial ?? {}) as C) : undefined);
  const [paging, setPaging] = useState<Paging>({ page: 1, size: 20, trail: [] });
  const counted = useRef<{ total: number; more: boolean }>({ total: 0, more: false });
  const [refusal, setRefusal] = useState<string>();

  const { data, error, isFetching, refetch } = useQuery({
    queryKey: [queryKey, props.variant, asked, paging],
    queryFn: async () => {
      const { items, total, more_than_total, next } = await search(asked as C, paging.page, paging.size, paging.trail.at(-1));
      if (total !== null) counted.current = { total, more: more_than_total ?? false };
      return { items, next: next ?? null, ...counted.current };
    },
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data && props.refreshWhile?.(query.state.data.items) ? 1500 : (props.refreshEvery ?? false)),
  });
  const problem = error ? asProblem(error) : undefined;
  useEffect(() => {
    if (problem) showFaults(form, problem);
  }, [form, problem]);

  const toFirstPage = (size?: number) => setPaging((now) => ({ page: 1, size: size ?? now.size, trail: [] }));
  const ask = (values: C) => {
    const why = refuse?.(values);
    setRefusal(why);
    if (why !== undefined) return;
    toFirstPage();
    setAsked({ ...values });
    void queries.invalidateQueries({ queryKey: [queryKey] });
  };
  const reset = () => {
    form.resetFields();
    setRefusal(undefined);
    toFirstPage();
    setAsked(searchAtOnce ? ((initial ?? {}) as C) : undefined);
  };

  const selection = props.selection?.(asked);
  const items = asked === undefined || problem ? [] : (data?.items ?? []);
  const total = asked === undefined || problem ? 0 : (data?.total ?? 0);
  const long = total > 0 && (data?.more ?? false);
  return (
    <div className={styles.page}>
      <PageHead title={title} hint={hint} extra={props.extra} />
      {conditions !== undefined && (
        <section className={styles.card} aria-label="查询条件">
          <Form form={form} name={formName} layout="inline" className={styles.conditions} initialValues={initial ?? {}} onFinish={ask}>
            {conditions}
            <Space className={styles.buttons}>
              <Button icon={<ReloadOutlined aria-hidden />} onClick={reset}>重置</Button>
              <Button type="primary" htmlType="submit" icon={<SearchOutlined aria-hidden />} loading={whileBusy(isFetching && asked !== undefined)}>
                查询
              </Button>
            </Space>
          </Form>
          {refusal !== undefined && <Alert className={styles.refusal} type="warning" showIcon title={refusal} />}
        </section>
      )}
      <section className={styles.card} aria-label={`${title}列表`} aria-busy={isFetching}>
        <div className={styles.bar}>
          <span className={styles.count} role="status">
            {asked === undefined ? "尚未查询" : problem ? "查询没有成功" : long ? `多于 ${total} 条，可增加条件缩小范围` : `共 ${total} 条`}
          </span>
          <Space wrap>{props.actions?.(asked, total)}</Space>
        </div>
        {problem && problem.errors.length === 0 && <ProblemNote problem={problem} retry={() => void refetch()} />}
        <Table<R>
          size="middle"
          rowKey={rowKey}
          columns={typeof columns === "function" ? columns(asked) : columns}
          dataSource={items}
          loading={isFetching && items.length === 0 && asked !== undefined}
          scroll={{ x: "max-content" }}
          sticky={{ offsetHeader: 0 }}
          {...(selection && {
            rowSelection: {
              preserveSelectedRowKeys: true,
              selectedRowKeys: selection.picked.map(rowKey),
              onChange: (_, rows) => selection.onPick(rows),
            },
          })}
          locale={{
            emptyText: (
              <Empty
                image={Empty.PRESENTED_IMAGE_SIMPLE}
                description={asked === undefined ? "请填写条件后点击“查询”" : (props.emptyText ?? "没有符合条件的记录")}
              />
            ),
          }}
          footer={props.footer && items.length > 0 ? () => props.footer?.(items) : undefined}
          pagination={
            total === 0 || long
              ? false
              : {
                  current: paging.page,
                  pageSize: paging.size,
                  total,
                  pageSizeOptions: PAGE_SIZES,
                  showSizeChanger: true,
                  showQuickJumper: total > paging.size * 5,
                  onChange: (page, size) => setPaging({ page: size === paging.size ? page : 1, size, trail: [] }),
                }
          }
        />
        {long && (
          <LongPager
            page={paging.page}
            size={paging.size}
            sizes={PAGE_SIZES}
            busy={isFetching}
            onSize={toFirstPage}
            {...(paging.page > 1 && { onBack: () => setPaging(({ page, size, trail }) => ({ page: page - 1, size, trail: trail.slice(0, -1) })) })}
            {...(data?.next && { onNext: () => setPaging(({ page, size, trail }) => ({ page: page + 1, size, trail: [...trail, data.next as string] })) })}
          />
        )}
      </section>
    </div>
  );
}

function showFaults<C extends object>(form: ReturnType<typeof Form.useForm<C>>[0], problem: Problem): void {
  const fields = form.getFieldsError().map((field) => field.name);
  for (const fault of problem.errors) {
    const name = fieldFor(fault.pointer, fields);
    if (name) form.setFields([{ name: name as never, errors: [fault.message] }]);
  }
}
