/** A file of the hall to save; a refusal is said beside the button. */
import { DownloadOutlined } from "@ant-design/icons";
import { Button, type ButtonProps } from "antd";

import { saveFile } from "@/api/saveFile";

import { useAttempt } from "./attempt";
import { whileBusy } from "./busy";
import { ProblemNote } from "./ProblemNote";

interface Props {
  url: string;
  size?: ButtonProps["size"];
  children: string;
}

export function SaveButton({ url, size = "middle", children }: Props) {
  const { busy, problem, attempt } = useAttempt();
  return (
    <>
      <Button size={size} icon={<DownloadOutlined aria-hidden />} loading={whileBusy(busy)} onClick={() => void attempt(() => saveFile(url))}>
        {children}
      </Button>
      {problem && <ProblemNote problem={problem} />}
    </>
  );
}
