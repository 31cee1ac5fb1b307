/** A file of the hall to save; a refusal is said beside the button. */
import { DownloadOutlined } from "@ant-design/icons";
import { Button, type ButtonProps } from "antd";
import { useState } from "react";

import { asProblem, type Problem } from "@/api/problem";
import { saveFile } from "@/api/saveFile";

import { whileBusy } from "./busy";
import { ProblemNote } from "./ProblemNote";

interface Props {
  url: string;
  size?: ButtonProps["size"];
  children: string;
}

export function SaveButton({ url, size = "middle", children }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const fetchIt = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await saveFile(url);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button size={size} icon={<DownloadOutlined aria-hidden />} loading={whileBusy(busy)} onClick={() => void fetchIt()}>
        {children}
      </Button>
      {problem && <ProblemNote problem={problem} />}
    </>
  );
}
