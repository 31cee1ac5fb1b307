/** 下载模板 and 批量增员 / 批量减员 in the head of the form's page. */
import { DownloadOutlined, UploadOutlined } from "@ant-design/icons";
import { App, Button, Space } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";

import { asProblem } from "@/api/problem";
import type { BatchKind } from "@/api/types";
import { whileBusy } from "@/patterns/busy";

import { BATCH_WORDS, downloadTemplate } from "./batches";

export function BatchButtons({ kind }: { kind: BatchKind }) {
  const navigate = useNavigate();
  const { act, path } = BATCH_WORDS[kind];
  return (
    <Space wrap>
      <TemplateButton kind={kind} />
      <Button type="primary" ghost icon={<UploadOutlined aria-hidden />} onClick={() => void navigate(`/hall/${path}`)}>
        批量{act}
      </Button>
    </Space>
  );
}

export function TemplateButton({ kind }: { kind: BatchKind }) {
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const fetchIt = async () => {
    setBusy(true);
    try {
      await downloadTemplate(kind);
    } catch (thrown) {
      void message.error(asProblem(thrown).detail);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button icon={<DownloadOutlined aria-hidden />} loading={whileBusy(busy)} onClick={() => void fetchIt()}>
      下载模板
    </Button>
  );
}
