/** 导出: a workbook of what the page lists, made by a worker; identity numbers masked as on the page, or in full. */
import { DownloadOutlined, EyeOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";

import { whileBusy } from "@/patterns/busy";

import type { ExportForm } from "./reports";
import { useReports } from "./useReports";

interface Props {
  /** What to export; undefined while there is nothing to. */
  form: ExportForm | undefined;
  /** Whether it lists identity numbers, and so may be wanted with full ones. */
  withNumbers?: boolean;
}

export function ExportButton({ form, withNumbers = false }: Props) {
  const { asking, order, dialogs } = useReports();
  const send = (full_numbers: boolean) => {
    if (form) void order({ route: "exports", form: { ...form, ...(full_numbers && { full_numbers }) } }, "download", "export");
  };
  const button = { icon: <DownloadOutlined aria-hidden />, loading: whileBusy(asking !== undefined), disabled: form === undefined };
  return (
    <>
      {withNumbers ? (
        <Dropdown
          trigger={["click"]}
          disabled={form === undefined}
          menu={{
            items: [
              { key: "masked", icon: <DownloadOutlined aria-hidden />, label: "导出（证件号码与页面一致）" },
              { key: "full", icon: <EyeOutlined aria-hidden />, label: "导出完整证件号码（需验证身份，记入日志）" },
            ],
            onClick: ({ key }) => send(key === "full"),
          }}
        >
          <Button {...button}>导出</Button>
        </Dropdown>
      ) : (
        <Button {...button} onClick={() => send(false)}>导出</Button>
      )}
      {dialogs}
    </>
  );
}
